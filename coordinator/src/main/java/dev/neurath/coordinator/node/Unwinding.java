package dev.neurath.coordinator.node;

import java.util.ArrayDeque;

/** What has to be taken back, last first, when a start fails half-way; nothing once it has succeeded. */
final class Unwinding implements AutoCloseable {
    private final ArrayDeque<Runnable> steps = new ArrayDeque<>();

    void add(Runnable step) {
        steps.push(step);
    }

    void succeeded() {
        steps.clear();
    }

    @Override
    public void close() {
        while (!steps.isEmpty()) {
            steps.pop().run();
        }
    }
}
