package dev.neurath.testbed.agent;

import java.util.Locale;

/** How the hand-over of the one guest goes wrong that is marked as a deliberate failure. */
public enum FailureMode {
    /** The new QEMU stops reading in the middle of the device state. */
    HANG,
    /** The new QEMU is killed in the middle of the device state. */
    DIE,
    /** The new QEMU does not accept the device state. */
    REFUSE,
    /** The new QEMU is killed when it has everything and only waits for being continued. */
    STAGED_DIE;

    public static FailureMode parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** As it is written on the command line and in an agent's fault file. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
