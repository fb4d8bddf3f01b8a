package dev.neurath.intent;

import dev.neurath.model.rollout.At;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The fields of one mapping, each asked for once by its name and type. What nobody asked for is refused at the end, so that a misspelt field is never
 * silently without effect. After an error the caller gets the default and reads on: all errors are found in one go.
 */
final class Fields {
    private final String path;
    private final MappingNode mapping;
    private final Errors errors;
    private final Map<String, NodeTuple> byName = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();

    Fields(String path, MappingNode mapping, Errors errors) {
        this.path = path;
        this.mapping = mapping;
        this.errors = errors;
        for (NodeTuple tuple : mapping.getValue()) {
            String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "?";
            if (byName.putIfAbsent(name, tuple) != null) {
                errors.add(pathOf(name), tuple.getKeyNode().getStartMark(), "is given twice");
            }
        }
    }

    /** Every field that was not asked for is unknown. */
    void refuseTheRest() {
        byName.forEach((name, tuple) -> {
            if (!asked.contains(name)) {
                errors.add(
                        pathOf(name),
                        tuple.getKeyNode().getStartMark(),
                        "is no field; known are "
                                + String.join(", ", asked.stream().sorted().toList()));
            }
        });
    }

    void expect(String name, String wanted) {
        Node node = node(name);
        if (node == null) {
            missing(name);
        } else if (!(node instanceof ScalarNode scalar && scalar.getValue().equals(wanted))) {
            wrong(name, node, "must be " + wanted);
        }
    }

    boolean has(String name) {
        asked.add(name);
        return byName.containsKey(name);
    }

    /** Reports an error at a field, or at the mapping if the field is not there. */
    void wrong(String name, String what) {
        NodeTuple tuple = byName.get(name);
        wrong(name, tuple == null ? mapping : tuple.getValueNode(), what);
    }

    At at(String name) {
        NodeTuple tuple = byName.get(name);
        var mark = tuple == null ? mapping.getStartMark() : tuple.getValueNode().getStartMark();
        return new At(mark.getLine() + 1, mark.getColumn() + 1);
    }

    String text(String name, String otherwise) {
        Node node = node(name);
        String text = node == null ? null : scalar(name, node);
        return text == null ? otherwise : text;
    }

    @Nullable
    String textOrNull(String name) {
        Node node = node(name);
        return node == null ? null : scalar(name, node);
    }

    /** @return empty after an error */
    String requiredText(String name) {
        if (!has(name)) {
            missing(name);
            return "";
        }
        return text(name, "");
    }

    /** @param read throws IllegalArgumentException, whose message is told */
    <T> @Nullable T requiredValue(String name, Function<String, T> read) {
        String text = requiredText(name);
        if (text.isEmpty()) {
            // What is no text at all has been told.
            if (node(name) instanceof ScalarNode) {
                wrong(name, "is empty");
            }
            return null;
        }
        return value(name, text, read);
    }

    <T> T value(String name, Function<String, T> read, T otherwise) {
        String text = textOrNull(name);
        T value = text == null ? null : value(name, text, read);
        return value == null ? otherwise : value;
    }

    private <T> @Nullable T value(String name, String text, Function<String, T> read) {
        try {
            return read.apply(text);
        } catch (IllegalArgumentException e) {
            wrong(name, String.valueOf(e.getMessage()));
            return null;
        }
    }

    int number(String name, int otherwise, int least, int most) {
        Node node = node(name);
        if (node == null) {
            return otherwise;
        }
        try {
            if (node instanceof ScalarNode scalar && node.getTag().equals(Tag.INT)) {
                int number = Integer.parseInt(scalar.getValue().replace("_", ""));
                if (number >= least && number <= most) {
                    return number;
                }
                wrong(name, node, "is %d and must be from %d to %d".formatted(number, least, most));
                return otherwise;
            }
        } catch (NumberFormatException e) {
            wrong(name, node, "is out of range");
            return otherwise;
        }
        wrong(name, node, "must be a whole number");
        return otherwise;
    }

    boolean flag(String name, boolean otherwise) {
        Node node = node(name);
        if (node == null) {
            return otherwise;
        }
        if (node instanceof ScalarNode scalar && node.getTag().equals(Tag.BOOL)) {
            return Set.of("true", "yes", "on").contains(scalar.getValue().toLowerCase(java.util.Locale.ROOT));
        }
        wrong(name, node, "must be true or false");
        return otherwise;
    }

    Duration duration(String name, Duration otherwise) {
        return value(name, Units::duration, otherwise);
    }

    /** One of {@code words}; anything else is refused with all of them. */
    <T> T word(String name, Map<String, T> words, T otherwise) {
        return value(
                name,
                text -> {
                    T value = words.get(text);
                    if (value == null) {
                        throw new IllegalArgumentException("is '%s' and must be one of %s"
                                .formatted(text, String.join(", ", new TreeMap<>(words).keySet())));
                    }
                    return value;
                },
                otherwise);
    }

    /** Reads a nested mapping, if it is there. */
    void mapping(String name, Consumer<Fields> read) {
        Node node = node(name);
        if (node instanceof MappingNode inner) {
            var fields = new Fields(pathOf(name), inner, errors);
            read.accept(fields);
            fields.refuseTheRest();
        } else if (node != null) {
            wrong(name, node, "must hold fields");
        }
    }

    /** Reads a list of mappings. */
    void mappings(String name, Consumer<Fields> read) {
        List<Node> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            String item = "%s[%d]".formatted(name, i);
            if (items.get(i) instanceof MappingNode inner) {
                var fields = new Fields(pathOf(item), inner, errors);
                read.accept(fields);
                fields.refuseTheRest();
            } else {
                wrong(item, items.get(i), "must hold fields");
            }
        }
    }

    <T> List<T> list(String name, Function<String, T> read) {
        var values = new ArrayList<T>();
        List<Node> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            String item = "%s[%d]".formatted(name, i);
            String text = scalar(item, items.get(i));
            if (text != null) {
                try {
                    values.add(read.apply(text));
                } catch (IllegalArgumentException e) {
                    wrong(item, items.get(i), String.valueOf(e.getMessage()));
                }
            }
        }
        return values;
    }

    SortedMap<String, String> labels(String name) {
        var labels = new TreeMap<String, String>();
        Node node = node(name);
        if (node instanceof MappingNode inner) {
            var fields = new Fields(pathOf(name), inner, errors);
            for (String key : fields.byName.keySet()) {
                labels.put(key, fields.text(key, ""));
            }
        } else if (node != null) {
            wrong(name, node, "must hold labels");
        }
        return labels;
    }

    private List<Node> items(String name) {
        Node node = node(name);
        if (node == null) {
            return List.of();
        }
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        wrong(name, node, "must be a list");
        return List.of();
    }

    private @Nullable String scalar(String name, Node node) {
        if (node instanceof ScalarNode scalar) {
            // A number is fine where a text is wanted (11.1 as a version); yes, no and nothing are not what was meant.
            boolean meant = !node.getTag().equals(Tag.BOOL) && !node.getTag().equals(Tag.NULL);
            if (meant) {
                return scalar.getValue();
            }
            wrong(name, node, "must be a text; write '%s' in quotes if it is meant".formatted(scalar.getValue()));
            return null;
        }
        wrong(name, node, "must be a text");
        return null;
    }

    private @Nullable Node node(String name) {
        asked.add(name);
        NodeTuple tuple = byName.get(name);
        return tuple == null ? null : tuple.getValueNode();
    }

    private void missing(String name) {
        errors.add(pathOf(name), mapping.getStartMark(), "is missing");
    }

    private void wrong(String name, Node node, String what) {
        errors.add(pathOf(name), node.getStartMark(), what);
    }

    private String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Keeps what must not appear twice in a list. */
    static final class Unique {
        private final Map<String, Boolean> seen = new HashMap<>();

        void check(Fields fields, String name, String value) {
            if (!value.isEmpty() && seen.put(value, true) != null) {
                fields.wrong(name, "is '%s', which another one has already".formatted(value));
            }
        }
    }
}
