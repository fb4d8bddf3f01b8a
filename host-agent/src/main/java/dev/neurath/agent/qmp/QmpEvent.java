package dev.neurath.agent.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * Something QEMU announced by itself.
 *
 * @param sequence 1 for the first event after the greeting, without gaps
 * @param receivedNanos System.nanoTime() at which its last byte had been read: never before it happened, and perhaps much later
 * @param emitted QEMU's own stamp, gettimeofday on its host; comparable with another QEMU's there as long as nobody sets the clock
 */
public record QmpEvent(long sequence, String name, JsonNode data, long receivedNanos, Optional<Instant> emitted) {}
