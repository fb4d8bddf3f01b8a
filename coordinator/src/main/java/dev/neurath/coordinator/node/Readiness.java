package dev.neurath.coordinator.node;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What has to hold for a node to be ready, each condition asked anew every time: a node that lost its database is not ready until it has it back.
 *
 * <p>A condition answers with the sentence that says why it does not hold, or with nothing.
 */
public final class Readiness {
    private final Map<String, Supplier<Optional<String>>> conditions = new LinkedHashMap<>();

    public synchronized void require(String what, Supplier<Optional<String>> condition) {
        conditions.put(what, condition);
    }

    /** @return why the node is not ready; empty when it is */
    public Optional<String> missing() {
        Map<String, Supplier<Optional<String>>> now;
        synchronized (this) {
            now = new LinkedHashMap<>(conditions);
        }
        if (now.isEmpty()) {
            return Optional.of("starting");
        }
        return now.entrySet().stream()
                .flatMap(e -> e.getValue().get().map(why -> e.getKey() + ": " + why).stream())
                .findFirst();
    }
}
