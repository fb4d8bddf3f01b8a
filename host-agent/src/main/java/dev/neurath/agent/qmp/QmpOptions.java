package dev.neurath.agent.qmp;

import java.time.Duration;

/**
 * Limits of one connection.
 *
 * @param connectWithin how long to retry while the socket is missing or refuses
 * @param greetingWithin how long a connected peer may stay silent before the monitor counts as busy, and how long it may take to negotiate
 * @param lineBytes longest line accepted; QEMU's longest replies (schemas, property lists) stay below 1 MB
 * @param backlog replies and events that may wait for the listener
 */
public record QmpOptions(Duration connectWithin, Duration greetingWithin, int lineBytes, int backlog) {
    public static final QmpOptions DEFAULT =
            new QmpOptions(Duration.ofSeconds(5), Duration.ofSeconds(5), 4 << 20, 100_000);

    public QmpOptions withConnect(Duration within) {
        return new QmpOptions(within, greetingWithin, lineBytes, backlog);
    }

    public QmpOptions withGreeting(Duration within) {
        return new QmpOptions(connectWithin, within, lineBytes, backlog);
    }
}
