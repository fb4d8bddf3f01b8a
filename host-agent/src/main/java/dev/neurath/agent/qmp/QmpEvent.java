package dev.neurath.agent.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Something QEMU announced by itself.
 *
 * @param sequence 1 for the first event after the greeting, without gaps
 * @param receivedNanos System.nanoTime() at which its last byte had been read; the only stamp fit for durations
 */
public record QmpEvent(long sequence, String name, JsonNode data, long receivedNanos) {}
