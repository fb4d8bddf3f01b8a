package dev.neurath.intent;

import dev.neurath.model.rollout.RolloutSpec;
import dev.neurath.model.vm.VmSpec;
import java.io.StringReader;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads the files that people write. Nothing is guessed: an unknown field, a wrong type or an impossible value is refused with the field's path, line
 * and column, and all of them are told at once.
 *
 * <p>Whether the release, hosts or VMs that a file names exist is for the planner to say.
 */
public final class Intent {
    /** Code of every refusal here. */
    public static final String INVALID = "INTENT_INVALID";

    /** A rollout file of a thousand waves has about 100 kB. */
    private static final int LONGEST_FILE = 1 << 20;

    private static final int DEEPEST = 20;

    private Intent() {}

    /** @param yaml {@code kind: Rollout} */
    public static Parsed<RolloutSpec> rollout(String yaml) {
        return read(yaml, "Rollout", RolloutFile::read);
    }

    /** @param yaml {@code kind: VirtualMachine} */
    public static Parsed<VmSpec> vm(String yaml) {
        return read(yaml, "VirtualMachine", VmFile::read);
    }

    private static <T> Parsed<T> read(String yaml, String kind, Function<Fields, @Nullable T> body) {
        var errors = new Errors();
        @Nullable T value = null;
        try {
            Node root = compose(yaml);
            if (root instanceof MappingNode mapping) {
                var fields = new Fields("", mapping, errors);
                fields.expect("apiVersion", "neurath/v1");
                fields.expect("kind", kind);
                value = body.apply(fields);
                fields.refuseTheRest();
            } else {
                errors.add("the file", root == null ? null : root.getStartMark(), "holds no fields");
            }
        } catch (MarkedYAMLException e) {
            errors.add("the file", e.getProblemMark(), "is no YAML: " + e.getProblem());
        } catch (YAMLException e) {
            errors.add("the file", null, "is no YAML: " + e.getMessage());
        }
        if (errors.isEmpty() && value != null) {
            return new Parsed.Read<>(value);
        }
        return new Parsed.Invalid<>(errors.all());
    }

    private static @Nullable Node compose(String yaml) {
        if (yaml.length() > LONGEST_FILE) {
            throw new YAMLException("it has %d characters, and %d are allowed".formatted(yaml.length(), LONGEST_FILE));
        }
        var options = new LoaderOptions();
        options.setNestingDepthLimit(DEEPEST);
        return new Yaml(options).compose(new StringReader(yaml));
    }
}
