package dev.neurath.testbed.demo;

/** The demo cannot go on; the message says what was being attempted and where to look. */
public final class DemoFailure extends RuntimeException {
    public DemoFailure(String message) {
        super(message);
    }
}
