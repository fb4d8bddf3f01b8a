package dev.neurath.model.vm;

/** How an attempt ended on the host: the agent's DONE record. */
public sealed interface Outcome {
    /** The new process runs the guest, the old one is dead. */
    record Upgraded(Pause pause, Revision revision, QemuProcess process, Footprint footprint) implements Outcome {}

    /**
     * The old process runs the guest as before; the new one is dead.
     *
     * @param reason upper snake case, for example {@code NEW_REFUSED_STATE}
     * @param sentence what was seen
     * @param reachedSwitching true if the attempt got as far as SWITCH
     */
    record AsItWas(Pause pause, String reason, String sentence, boolean reachedSwitching) implements Outcome {}

    /** The guest or its owner ended it: SHUTDOWN was seen, or its QEMU died outside the switch. */
    record Gone(String reason, String sentence) implements Outcome {}

    /** No living process holds the device state. */
    record Lost(String sentence) implements Outcome {}

    /** The host was rebooted: nothing that this attempt knew lives. */
    record GoneWithHost() implements Outcome {}

    /** Both sides were found running; both are frozen. */
    record DoubleRun(String sentence) implements Outcome {}

    /**
     * What the hand-over cost beside the guest's own memory.
     *
     * @param extraMemoryBytes highest private memory of the second process while both lived
     * @param extraCpuMillis CPU time of the new process up to its resumption plus that of the agent's own work
     */
    record Footprint(long extraMemoryBytes, long extraCpuMillis) {
        public static final Footprint UNKNOWN = new Footprint(-1, -1);
    }
}
