package dev.neurath.model;

/** Who did it: the name in a certificate, or {@code rollout/ID}, or {@code local} on a plaintext loopback connection. */
public record Actor(String name) {
    public static final Actor LOCAL = new Actor("local");
}
