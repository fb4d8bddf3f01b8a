package dev.neurath.agent.adopt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The value of one option: {@code kind,key=value,…} with doubled commas, or a JSON object. Changing it gives another one; what is not changed is said as
 * its owner said it.
 */
final class OptionText {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * @param value null for a word alone, which means "on"
     * @param keyless a value whose key is implied
     */
    private record Pair(String key, @Nullable String value, boolean keyless) {
        Pair with(String changed) {
            return new Pair(key, changed, keyless);
        }
    }

    private final String implied;
    private final List<Pair> pairs;
    private final @Nullable ObjectNode json;

    private OptionText(String implied, List<Pair> pairs, @Nullable ObjectNode json) {
        this.implied = implied;
        this.pairs = List.copyOf(pairs);
        this.json = json;
    }

    /** @param implied key of a first value that stands alone; empty if there is none */
    static OptionText parse(String text, String implied) throws NotAdoptable {
        if (text.startsWith("{")) {
            try {
                if (JSON.readTree(text) instanceof ObjectNode object) {
                    return new OptionText(implied, List.of(), object);
                }
            } catch (JsonProcessingException e) {
                throw new NotAdoptable(
                        "ARGUMENT_UNKNOWN", "'%s' is no JSON: %s".formatted(text, e.getOriginalMessage()));
            }
        }
        var pairs = new ArrayList<Pair>();
        for (String part : split(text)) {
            int equals = part.indexOf('=');
            if (equals < 0 && pairs.isEmpty() && !implied.isEmpty()) {
                pairs.add(new Pair(implied, part, true));
            } else if (equals < 0) {
                pairs.add(new Pair(part, null, false));
            } else {
                pairs.add(new Pair(part.substring(0, equals), part.substring(equals + 1), false));
            }
        }
        return new OptionText(implied, pairs, null);
    }

    private static List<String> split(String text) {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != ',') {
                part.append(c);
            } else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
                part.append(c);
                i++;
            } else {
                parts.add(part.toString());
                part.setLength(0);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /** Of a word alone it is "on". */
    Optional<String> get(String key) {
        if (json != null) {
            return json.has(key) ? Optional.of(json.path(key).asText()) : Optional.empty();
        }
        return pairs.stream()
                .filter(pair -> pair.key().equals(key))
                .map(pair -> pair.value() == null ? "on" : pair.value())
                .findFirst();
    }

    String get(String key, String otherwise) {
        return get(key).orElse(otherwise);
    }

    boolean has(String key) {
        return get(key).isPresent();
    }

    boolean on(String key) {
        return get(key).filter(value -> value.matches("on|yes|true|y")).isPresent();
    }

    List<String> keys() {
        var keys = new ArrayList<String>();
        if (json != null) {
            json.fieldNames().forEachRemaining(keys::add);
        } else {
            pairs.forEach(pair -> keys.add(pair.key()));
        }
        return keys;
    }

    /** In its place if it is there, else at the end. */
    OptionText with(String key, String value) {
        if (json != null) {
            ObjectNode changed = json.deepCopy();
            switch (value) {
                case "on" -> changed.put(key, true);
                case "off" -> changed.put(key, false);
                default -> changed.put(key, value);
            }
            return new OptionText(implied, pairs, changed);
        }
        var changed = new ArrayList<Pair>();
        boolean placed = false;
        for (Pair pair : pairs) {
            if (!pair.key().equals(key)) {
                changed.add(pair);
            } else if (!placed) {
                changed.add(pair.with(value));
                placed = true;
            }
        }
        if (!placed) {
            changed.add(new Pair(key, value, false));
        }
        return new OptionText(implied, changed, null);
    }

    OptionText without(String... keys) {
        List<String> gone = List.of(keys);
        if (json != null) {
            ObjectNode changed = json.deepCopy();
            changed.remove(gone);
            return new OptionText(implied, pairs, changed);
        }
        return new OptionText(
                implied,
                pairs.stream().filter(pair -> !gone.contains(pair.key())).toList(),
                null);
    }

    /** Every value of a key that ends so, at any depth. */
    OptionText mapped(String ending, UnaryOperator<String> change) {
        if (json != null) {
            ObjectNode changed = json.deepCopy();
            map(changed, ending, change);
            return new OptionText(implied, pairs, changed);
        }
        return new OptionText(
                implied,
                pairs.stream()
                        .map(pair -> pair.value() != null && ends(pair.key(), ending)
                                ? pair.with(change.apply(pair.value()))
                                : pair)
                        .toList(),
                null);
    }

    private static void map(ObjectNode node, String ending, UnaryOperator<String> change) {
        for (var entry : node.properties()) {
            JsonNode value = entry.getValue();
            if (value instanceof ObjectNode inner) {
                map(inner, ending, change);
            } else if (value.isTextual() && ends(entry.getKey(), ending)) {
                node.put(entry.getKey(), change.apply(value.asText()));
            }
        }
    }

    private static boolean ends(String key, String ending) {
        return key.equals(ending) || key.endsWith("." + ending);
    }

    /** As QEMU reads it. */
    String text() {
        if (json != null) {
            return json.toString();
        }
        var text = new StringBuilder();
        for (Pair pair : pairs) {
            String value = pair.value() == null ? "" : pair.value().replace(",", ",,");
            text.append(text.isEmpty() ? "" : ",");
            text.append(pair.keyless() ? value : pair.value() == null ? pair.key() : pair.key() + "=" + value);
        }
        return text.toString();
    }
}
