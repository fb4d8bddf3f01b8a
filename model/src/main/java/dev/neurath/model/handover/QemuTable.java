package dev.neurath.model.handover;

import static dev.neurath.model.handover.QemuTable.Status.ACTIVE;
import static dev.neurath.model.handover.QemuTable.Status.BUFFERED;
import static dev.neurath.model.handover.QemuTable.Status.CANCELLING;
import static dev.neurath.model.handover.QemuTable.Status.CANCELLING_STOPPED;
import static dev.neurath.model.handover.QemuTable.Status.CONTINUED;
import static dev.neurath.model.handover.QemuTable.Status.DEFERRED;
import static dev.neurath.model.handover.QemuTable.Status.DEVICE;
import static dev.neurath.model.handover.QemuTable.Status.EXITED;
import static dev.neurath.model.handover.QemuTable.Status.LISTENING;
import static dev.neurath.model.handover.QemuTable.Status.LOADING;
import static dev.neurath.model.handover.QemuTable.Status.PAUSED;
import static dev.neurath.model.handover.QemuTable.Status.POST;
import static dev.neurath.model.handover.QemuTable.Status.REFUSED;
import static dev.neurath.model.handover.QemuTable.Status.RUNNING;
import static dev.neurath.model.handover.QemuTable.Status.SETUP;
import static dev.neurath.model.handover.QemuTable.Status.SETUP_PAUSED;
import static dev.neurath.model.handover.QemuTable.Status.STAGED;
import static dev.neurath.model.handover.QemuTable.Status.STARTING;

import dev.neurath.model.vm.Method;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a QEMU does when something is done to it during a hand-over: the QEMU that the explorer believes in, as data, so that the crash suite can hold
 * each row against real QEMU. Both sides run with return-path and events, new with -S; without those most rows are wrong.
 *
 * <p>A row allows what it lists and nothing else. Orthogonal to it: a process stopped by SIGSTOP does nothing until SIGCONT and keeps its status, and
 * any living process may fail to answer in time.
 */
public final class QemuTable {
    /** The process that had the guest when the attempt began, and the one that is to take it over. */
    public enum Side {
        OLD,
        NEW
    }

    /**
     * A status as QEMU words it.
     *
     * @see SideStatus
     */
    public enum Status {
        RUNNING("running", "none"),
        PAUSED("paused", "none"),
        SETUP("running", "setup"),
        /** Its owner paused it while cpr-transfer waited in {@code setup}. */
        SETUP_PAUSED("paused", "setup"),
        ACTIVE("running", "active"),
        DEVICE("finish-migrate", "device"),
        CANCELLING("running", "cancelling"),
        CANCELLING_STOPPED("finish-migrate", "cancelling"),
        POST("postmigrate", "completed"),

        /** cpr-transfer: its control socket answers only after old's {@code migrate}. */
        STARTING("", ""),
        DEFERRED("inmigrate", "none"),
        LISTENING("inmigrate", "setup"),
        LOADING("inmigrate", "active"),
        /** Like LOADING to whoever asks; the whole stream has been received, so that it no longer needs old. */
        BUFFERED("inmigrate", "active"),
        STAGED("paused", "completed"),
        REFUSED("inmigrate", "failed"),
        CONTINUED("running", "completed"),

        EXITED("", "");

        private final String runState;
        private final String migrationStatus;

        Status(String runState, String migrationStatus) {
            this.runState = runState;
            this.migrationStatus = migrationStatus;
        }

        /** QMP query-status; empty if nothing would answer. */
        public String runState() {
            return runState;
        }

        /** QMP query-migrate; empty if nothing would answer. */
        public String migrationStatus() {
            return migrationStatus;
        }

        /** The guest's instructions are being executed. */
        public boolean guestRuns() {
            return runState.equals("running");
        }

        public boolean alive() {
            return this != EXITED;
        }

        /** Its control socket would answer. */
        public boolean answers() {
            return alive() && this != STARTING;
        }
    }

    /** What is done to a side. */
    public enum Stimulus {
        /** QMP; main and, for cpr-transfer, side channel named, new already started. */
        MIGRATE,
        MIGRATE_INCOMING,
        MIGRATE_CANCEL,
        CONT,
        STOP,
        QUIT,
        SIGKILL,
        /** The guest powers itself off. */
        GUEST_SHUTDOWN,
        /** Nothing is done but to wait. */
        TIME,
        /** Old: new listens. New: old has opened the side channel. */
        PEER_READY,
        /** New: old sends. */
        PEER_SENDS,
        /** New: old has stopped the guest and sends the devices' state. */
        PEER_SENDS_DEVICES,
        /** Old: new says on the return path that it has loaded everything. */
        PEER_LOADED,
        /** The other side is dead, or has given the stream up. */
        PEER_GONE
    }

    /** @param outcomes all that may come of it, each at its own time; a status that is also {@code from} means that nothing may happen */
    public record Row(Side side, Status from, Stimulus on, Set<Method> methods, Set<Status> outcomes) {}

    private static final Set<Method> BOTH = EnumSet.allOf(Method.class);
    private static final Set<Method> CPR = EnumSet.of(Method.CPR_TRANSFER);
    private static final Set<Method> SHARED = EnumSet.of(Method.SHARED_RAM);

    // spotless:off
    public static final List<Row> ROWS = List.of(
            old(RUNNING, Stimulus.MIGRATE, CPR, SETUP),
            old(RUNNING, Stimulus.MIGRATE, SHARED, ACTIVE),
            old(RUNNING, Stimulus.MIGRATE_CANCEL, BOTH, RUNNING),
            old(RUNNING, Stimulus.CONT, BOTH, RUNNING),
            old(RUNNING, Stimulus.STOP, BOTH, PAUSED),
            old(RUNNING, Stimulus.QUIT, BOTH, EXITED),
            old(RUNNING, Stimulus.GUEST_SHUTDOWN, BOTH, EXITED),
            old(PAUSED, Stimulus.MIGRATE_CANCEL, BOTH, PAUSED),
            old(PAUSED, Stimulus.CONT, BOTH, RUNNING),
            old(PAUSED, Stimulus.STOP, BOTH, PAUSED),
            old(PAUSED, Stimulus.QUIT, BOTH, EXITED),
            old(SETUP, Stimulus.PEER_READY, BOTH, ACTIVE),
            // A new process that hangs before it connects leaves old in setup for ever.
            old(SETUP, Stimulus.PEER_GONE, BOTH, RUNNING, SETUP),
            old(SETUP, Stimulus.MIGRATE_CANCEL, BOTH, RUNNING),
            old(SETUP, Stimulus.CONT, BOTH, SETUP),
            old(SETUP, Stimulus.STOP, BOTH, SETUP_PAUSED),
            old(SETUP, Stimulus.QUIT, BOTH, EXITED),
            old(SETUP, Stimulus.GUEST_SHUTDOWN, BOTH, EXITED),
            old(SETUP_PAUSED, Stimulus.PEER_GONE, BOTH, PAUSED, SETUP_PAUSED),
            old(SETUP_PAUSED, Stimulus.MIGRATE_CANCEL, BOTH, PAUSED),
            old(SETUP_PAUSED, Stimulus.CONT, BOTH, SETUP),
            old(SETUP_PAUSED, Stimulus.STOP, BOTH, SETUP_PAUSED),
            old(SETUP_PAUSED, Stimulus.QUIT, BOTH, EXITED),
            old(ACTIVE, Stimulus.TIME, BOTH, DEVICE),
            old(ACTIVE, Stimulus.PEER_GONE, BOTH, RUNNING),
            old(ACTIVE, Stimulus.MIGRATE_CANCEL, BOTH, CANCELLING),
            old(ACTIVE, Stimulus.CONT, BOTH, ACTIVE),
            old(ACTIVE, Stimulus.QUIT, BOTH, EXITED),
            old(ACTIVE, Stimulus.GUEST_SHUTDOWN, BOTH, EXITED),
            old(DEVICE, Stimulus.PEER_LOADED, BOTH, POST),
            old(DEVICE, Stimulus.PEER_GONE, BOTH, RUNNING),
            old(DEVICE, Stimulus.MIGRATE_CANCEL, BOTH, CANCELLING_STOPPED),
            // "Migration is not finalized yet".
            old(DEVICE, Stimulus.CONT, BOTH, DEVICE),
            old(DEVICE, Stimulus.STOP, BOTH, DEVICE),
            old(DEVICE, Stimulus.QUIT, BOTH, EXITED),
            old(CANCELLING, Stimulus.TIME, BOTH, RUNNING),
            old(CANCELLING, Stimulus.MIGRATE_CANCEL, BOTH, CANCELLING),
            old(CANCELLING, Stimulus.CONT, BOTH, CANCELLING),
            old(CANCELLING, Stimulus.QUIT, BOTH, EXITED),
            old(CANCELLING, Stimulus.GUEST_SHUTDOWN, BOTH, EXITED),
            old(CANCELLING_STOPPED, Stimulus.TIME, BOTH, RUNNING),
            // The cancel comes too late: the migration completes.
            old(CANCELLING_STOPPED, Stimulus.PEER_LOADED, BOTH, POST, CANCELLING_STOPPED),
            old(CANCELLING_STOPPED, Stimulus.MIGRATE_CANCEL, BOTH, CANCELLING_STOPPED),
            old(CANCELLING_STOPPED, Stimulus.CONT, BOTH, CANCELLING_STOPPED),
            old(CANCELLING_STOPPED, Stimulus.STOP, BOTH, CANCELLING_STOPPED),
            old(CANCELLING_STOPPED, Stimulus.QUIT, BOTH, EXITED),
            // QEMU does not fence: this starts the guest here even after new has run.
            old(POST, Stimulus.CONT, BOTH, RUNNING),
            old(POST, Stimulus.STOP, BOTH, POST),
            old(POST, Stimulus.MIGRATE_CANCEL, BOTH, POST),
            old(POST, Stimulus.PEER_GONE, BOTH, POST),
            old(POST, Stimulus.QUIT, BOTH, EXITED),
            fresh(STARTING, Stimulus.PEER_READY, CPR, DEFERRED),
            fresh(STARTING, Stimulus.PEER_GONE, CPR, STARTING, EXITED),
            fresh(DEFERRED, Stimulus.MIGRATE_INCOMING, BOTH, LISTENING),
            fresh(DEFERRED, Stimulus.PEER_GONE, BOTH, DEFERRED),
            fresh(LISTENING, Stimulus.PEER_SENDS, BOTH, LOADING),
            fresh(LISTENING, Stimulus.PEER_GONE, BOTH, LISTENING),
            fresh(LOADING, Stimulus.PEER_SENDS_DEVICES, CPR, BUFFERED, EXITED),
            fresh(LOADING, Stimulus.PEER_SENDS_DEVICES, SHARED, STAGED, REFUSED, EXITED),
            fresh(LOADING, Stimulus.PEER_GONE, CPR, LOADING, EXITED),
            fresh(LOADING, Stimulus.PEER_GONE, SHARED, EXITED),
            fresh(BUFFERED, Stimulus.TIME, CPR, STAGED, REFUSED, EXITED),
            fresh(BUFFERED, Stimulus.PEER_GONE, CPR, BUFFERED),
            // A taken image lock or a dead file server shows only now: an error, and still paused.
            fresh(STAGED, Stimulus.CONT, BOTH, CONTINUED, STAGED),
            fresh(STAGED, Stimulus.PEER_GONE, BOTH, STAGED),
            fresh(CONTINUED, Stimulus.CONT, BOTH, CONTINUED),
            fresh(CONTINUED, Stimulus.GUEST_SHUTDOWN, BOTH, EXITED),
            fresh(CONTINUED, Stimulus.PEER_GONE, BOTH, CONTINUED),
            fresh(REFUSED, Stimulus.TIME, BOTH, EXITED, REFUSED));
    // spotless:on

    private static final Map<Key, Set<Status>> INDEX = index();

    private QemuTable() {}

    /** @return empty if this stimulus does nothing to that side in that status */
    public static Set<Status> outcomes(Method method, Side side, Status from, Stimulus on) {
        if (on == Stimulus.SIGKILL) {
            return from.alive() ? EnumSet.of(EXITED) : Set.of();
        }
        return INDEX.getOrDefault(new Key(method, side, from, on), Set.of());
    }

    private record Key(Method method, Side side, Status from, Stimulus on) {}

    private static Map<Key, Set<Status>> index() {
        var index = new HashMap<Key, Set<Status>>();
        for (Row row : ROWS) {
            for (Method method : row.methods()) {
                var before = index.put(new Key(method, row.side(), row.from(), row.on()), row.outcomes());
                if (before != null) {
                    throw new IllegalArgumentException("two rows for " + row);
                }
            }
        }
        return index;
    }

    private static Row old(Status from, Stimulus on, Set<Method> methods, Status first, Status... more) {
        return new Row(Side.OLD, from, on, methods, EnumSet.of(first, more));
    }

    private static Row fresh(Status from, Stimulus on, Set<Method> methods, Status first, Status... more) {
        return new Row(Side.NEW, from, on, methods, EnumSet.of(first, more));
    }
}
