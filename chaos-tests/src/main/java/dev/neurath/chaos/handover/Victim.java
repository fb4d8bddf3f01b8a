package dev.neurath.chaos.handover;

import java.util.Locale;

/** Which process is killed with -9. */
public enum Victim {
    COORDINATOR,
    AGENT,
    OLD,
    NEW;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Victim parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
