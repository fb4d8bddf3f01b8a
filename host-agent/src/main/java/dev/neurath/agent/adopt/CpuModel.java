package dev.neurath.agent.adopt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.qmp.QmpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The processor that a running QEMU shows its guest. "max" and "host" mean something else in every QEMU, so another one is told each feature as the
 * running one has it; whether that made the same processor is seen by {@link #words}.
 */
final class CpuModel {
    private static final Set<String> OPEN = Set.of("max", "host");
    /** Beside the features: what a guest reads out of the processor and a base model would not have. */
    private static final List<String> NUMBERS = List.of("level", "xlevel", "xlevel2", "phys-bits");

    private static final List<String> SEEN =
            List.of("vendor", "model-id", "family", "model", "stepping", "level", "xlevel", "xlevel2", "phys-bits");

    private static final String FEATURES = "feature-words";

    private final QmpConnection connection;
    private final Duration limit;
    private final String path;

    CpuModel(QmpConnection connection, Duration limit) {
        this.connection = connection;
        this.limit = limit;
        this.path = ask("query-cpus-fast", Map.of()).path(0).path("qom-path").asText();
    }

    /**
     * @param option what was given as -cpu
     * @return what to give instead; empty if the name means the same everywhere
     */
    String pinned(String option) throws NotAdoptable {
        OptionText given = OptionText.parse(option, "model");
        if (!OPEN.contains(given.get("model", ""))) {
            return "";
        }
        JsonNode expanded = ask(
                        "query-cpu-model-expansion",
                        Map.of("type", "static", "model", Map.of("name", given.get("model", ""))))
                .path("model");
        Set<String> known = properties();
        var words = new ArrayList<String>();
        words.add(expanded.path("name").asText());
        var names = new TreeSet<String>();
        expanded.path("props").fieldNames().forEachRemaining(names::add);
        NUMBERS.stream().filter(known::contains).forEach(names::add);
        for (String name : names) {
            words.add(name + "=" + text(ask("qom-get", Map.of("path", path, "property", name))));
        }
        for (String key : given.keys()) {
            if (!key.equals("model") && !names.contains(key)) {
                words.add(key + "=" + given.get(key, ""));
            }
        }
        return String.join(",", words);
    }

    /** What the guest sees of it, one fact a line; a newer QEMU knows of more words of features, which are empty for an older one. */
    List<String> words() {
        var words = new TreeSet<String>();
        Set<String> known = properties();
        for (String name : SEEN) {
            if (known.contains(name)) {
                words.add("cpu " + name + " "
                        + ask("qom-get", Map.of("path", path, "property", name)).asText());
            }
        }
        if (known.contains(FEATURES)) {
            for (JsonNode word : ask("qom-get", Map.of("path", path, "property", FEATURES))) {
                if (word.path("features").asLong() != 0) {
                    words.add("cpu leaf %s.%s %s features %s"
                            .formatted(
                                    Long.toHexString(
                                            word.path("cpuid-input-eax").asLong()),
                                    word.path("cpuid-input-ecx").asText("-"),
                                    word.path("cpuid-register").asText(),
                                    Long.toHexString(word.path("features").asLong())));
                }
            }
        }
        return List.copyOf(words);
    }

    private Set<String> properties() {
        var names = new TreeSet<String>();
        ask("qom-list", Map.of("path", path))
                .forEach(property -> names.add(property.path("name").asText()));
        return names;
    }

    private static String text(JsonNode value) {
        return value.isBoolean()
                ? value.asBoolean() ? "on" : "off"
                : value.asText().replace(",", ",,");
    }

    private JsonNode ask(String command, Map<String, ?> arguments) {
        return connection.execute(command, arguments, limit).join();
    }
}
