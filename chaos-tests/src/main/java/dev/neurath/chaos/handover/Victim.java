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

    /** As it is typed. */
    @Override
    public String toString() {
        return label();
    }
}
