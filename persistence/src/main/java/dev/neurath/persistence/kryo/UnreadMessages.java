package dev.neurath.persistence.kryo;

import io.prometheus.metrics.core.metrics.Counter;

/** Messages from other nodes that this one could not read, of this process; in the Prometheus client's default registry. */
final class UnreadMessages {
    private static final Counter TOTAL = Counter.builder()
            .name("neurath_node_messages_unread_total")
            .help("Messages from other nodes that were dropped because this build cannot read them.")
            .register();

    private UnreadMessages() {}

    static void count() {
        TOTAL.inc();
    }

    static long total() {
        return TOTAL.getLongValue();
    }
}
