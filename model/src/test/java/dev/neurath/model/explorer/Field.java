package dev.neurath.model.explorer;

/** What is known of one moment of the world, by name; each lives in so many bits of a {@link State}. */
// Places are given out once, when the class is loaded.
@SuppressWarnings("ImmutableEnumChecker")
enum Field {
    // The agent.
    /** The attempt as this incarnation knows it: number in {@link Product#attempts}; 0 = none. */
    ATTEMPT(13),
    AGENT_ALIVE(1),
    /** Durable: the highest generation accepted or closed. */
    FLOOR(2),
    /** Durable: generation of the last record; 0 = none. */
    LOG_GENERATION(2),
    /** Durable: {@link dev.neurath.model.handover.Mark} of the last record. */
    LOG_MARK(3),
    LOG_SWITCHED(1),
    /** Durable: {@link dev.neurath.model.handover.Role}. */
    LOG_ROLE(1),
    /** In DONE: {@link dev.neurath.model.handover.Ending}. */
    LOG_ENDING(3),
    /** Events that this incarnation has seen. */
    SHUTDOWN_SEEN(1),
    /** The guest is not as it was at CHECK_OLD: paused, continued or reset since. */
    FINGERPRINT_CHANGED(1),
    /** A rehearsal was made for this generation. */
    REHEARSED(1),
    /** This incarnation saw old stopped by the migration, and has heard no RESUME since, on one connection. */
    OLD_HEARD(1),
    /** Old lived at the last look. */
    OLD_SEEN_ALIVE(1),
    /** Of two looks the first: 0 = none, 1.. = what new was, 8.. = what old was. */
    LOOK(4),

    // The two processes.
    /** {@link dev.neurath.model.handover.QemuTable.Status}. */
    OLD(5),
    OLD_FROZEN(1),
    NEW(5),
    NEW_FROZEN(1),
    /** New is a rehearsal's. */
    THROW_AWAY(1),
    /** How often `cont` left for new and is not carried out yet. */
    CONT_QUEUED(2),
    /** New answered `cont` with an error, on the connection that is still open. */
    CONT_REFUSED(1),
    /** Number of the revision that old runs. */
    OLD_REVISION(2),
    /** The host was booted again since the attempt in the log began. */
    REBOOTED(1),

    // Ghosts: what nobody in the world can see, and the invariants speak of.
    /** devEpoch[old] = ramEpoch: the devices' state in old belongs to what is in RAM now. */
    OLD_CURRENT(1),
    /** devEpoch[new] = ramEpoch: that which new has or is being sent does. */
    NEW_CURRENT(1),
    /** 1 = a stranger continued old after the stop, and UNDO was not written since; 2 = then old or the agent died: the declared window. */
    FOREIGN_RUN(2),
    /** A `cont` for new was carried out under the last record's generation. */
    NEW_RAN(1),
    /** Whether `cont` was sent to new is known to nobody any more: it may have been. */
    CONT_PERHAPS(1),
    /** Bit g-2: the agent answered that generation g is closed. */
    ANSWERED_CLOSED(2),
    /** 0 = the guest is to run, 1 = paused, 2 = off. */
    INTENT(2),

    // The coordinator.
    /** Number in {@link Product#vms}: what is durable. */
    VM(12),
    /** A paused node's copy of the actor; 0 = none. */
    STALE_VM(12),
    /** Bits: Prepare, Switch, Resolve of g=2, the same of g=3: sent at least once. */
    ORDERS_SENT(6),
    // What the bounds leave.
    CRASHES_LEFT(2),
    FOREIGN_LEFT(1),
    LOG_FAULTS_LEFT(1),
    OWNER_LEFT(1),
    INVENTORY_LEFT(1),
    UPGRADES_LEFT(2),
    /** {@link Crash} number + 1 of the first and of the second, while crashes are told apart. */
    FIRST_CRASH(7),
    SECOND_CRASH(7),

    // What the agent reported.
    /** Bit per fact. */
    ACKNOWLEDGED(10),
    /** Four bits of kind and two of generation each, in the order in which they were stamped. */
    FACTS(60),
    FACT_COUNT(4);

    static final int WORDS;
    private static final Field[] ALL = values();

    final int bits;
    private int word;
    private int shift;

    static {
        int word = 0;
        int used = 0;
        for (Field f : ALL) {
            if (used + f.bits > 64) {
                word++;
                used = 0;
            }
            f.word = word;
            f.shift = used;
            used += f.bits;
        }
        WORDS = word + 1;
    }

    Field(int bits) {
        this.bits = bits;
    }

    int word() {
        return word;
    }

    int shift() {
        return shift;
    }

    long mask() {
        return (1L << bits) - 1;
    }
}
