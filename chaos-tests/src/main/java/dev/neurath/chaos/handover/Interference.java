package dev.neurath.chaos.handover;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What somebody does, or what goes wrong, in the middle of a hand-over, without any of the agent's processes being killed. */
public enum Interference {
    /** The owner's {@code stop}. */
    PAUSE(By.OWNER),
    /** The owner's {@code system_reset}. */
    RESET(By.OWNER),
    /** The guest's own ACPI port is written, as an operating system does at its end. */
    POWER_OFF(By.OWNER),
    /** The owner's {@code quit}. */
    QUIT(By.OWNER),
    /** The owner's {@code cont}; once old is stopped, that starts it again. */
    CONT(By.OWNER),
    /** SIGSTOP for ever. */
    NEW_HANGS(By.NEW),
    /** SIGSTOP for longer than anybody waits for an answer, then SIGCONT. */
    NEW_STALLS(By.NEW),
    NEW_ENDS_AT_START(By.START),
    NEW_REFUSES_STATE(By.START),
    /** Another process holds the lock on its disk's image for a while. */
    NEW_REFUSES_CONT(By.NEW),
    RELEASE_MISSING(By.START),
    RELEASE_WRONG_HASH(By.START),
    RELEASE_NOT_EXECUTABLE(By.START),
    /** Until the agent has met it. */
    DISK_FULL(By.AGENT),
    /** The order under way, and Switch, once more and again. */
    ORDER_TWICE(By.ORDER),
    /** From here on every order comes after its start-before. */
    ORDER_LATE(By.ORDER),
    /** Resolve and Stop, in the name of a session that is not this one's: of a node declared dead, or of another fleet. */
    ORDER_OF_ANOTHER_SESSION(By.ORDER),
    /** Every order, of the generation before. */
    ORDER_BELOW_FLOOR(By.ORDER);

    enum By {
        OWNER,
        NEW,
        /** Seen when the new QEMU is started. */
        START,
        AGENT,
        ORDER
    }

    private final By by;

    Interference(By by) {
        this.by = by;
    }

    By by() {
        return by;
    }

    public static Interference parse(String label) {
        return Arrays.stream(values())
                .filter(value -> value.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown interference '" + label + "'; known: "
                        + Arrays.stream(values()).map(Interference::label).collect(Collectors.joining(", "))));
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return label();
    }
}
