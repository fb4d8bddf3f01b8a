package dev.neurath.model.explorer;

import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.QemuTable.Side;
import dev.neurath.model.handover.QemuTable.Status;
import dev.neurath.model.handover.QemuTable.Stimulus;

/** What others do to the world, as often as the bounds allow: deaths, strangers on old's monitor, the guest's owner. */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class FaultMoves {
    static final int RUNNING = 0;
    private static final int PAUSED = 1;
    static final int OFF = 2;

    private final Bounds bounds;
    private final AgentMoves agent;
    private final QemuMoves qemu;

    FaultMoves(Bounds bounds, AgentMoves agent, QemuMoves qemu) {
        this.bounds = bounds;
        this.agent = agent;
        this.qemu = qemu;
    }

    void from(State s, Moves out) {
        if (s.is(Field.CRASHES_LEFT)) {
            crashes(s, out);
        }
        if (s.is(Field.FOREIGN_LEFT) && Host.old(s).alive()) {
            stranger(s, Stimulus.CONT, out);
            stranger(s, Stimulus.STOP, out);
            stranger(s, Stimulus.QUIT, out);
        }
        if (s.is(Field.OWNER_LEFT)) {
            owner(s, out);
        }
    }

    private void crashes(State s, Moves out) {
        if (s.is(Field.AGENT_ALIVE)) {
            out.to(agent.crash(victim(s, Crash.Victim.AGENT)), "THE AGENT DIES", false);
        }
        if (Host.old(s).alive()) {
            State t = victim(s, Crash.Victim.OLD);
            Ghosts.witnessDies(t);
            out.to(QemuMoves.kill(t, Side.OLD), "OLD DIES", false);
        }
        if (Host.fresh(s).alive()) {
            out.to(QemuMoves.kill(victim(s, Crash.Victim.NEW), Side.NEW), "NEW DIES", false);
        }
        if (s.is(Field.OLD_HEARD) && Host.old(s).alive()) {
            State t = victim(s, Crash.Victim.CONNECTION).set(Field.OLD_HEARD, false);
            out.to(t, "THE CONNECTION TO OLD BREAKS", false);
        }
        if (bounds.reboot()) {
            out.to(reboot(victim(s, Crash.Victim.HOST)), "THE HOST REBOOTS", false);
        }
        if (bounds.lateMessages() && !s.is(Field.STALE_VM)) {
            State t = victim(s, Crash.Victim.NODE);
            out.to(
                    t.set(Field.STALE_VM, s.get(Field.VM)),
                    "A NODE STOPS FOR A WHILE, another takes the VM over",
                    false);
        }
    }

    private State victim(State s, Crash.Victim who) {
        State t = s.copy().set(Field.CRASHES_LEFT, s.get(Field.CRASHES_LEFT) - 1);
        if (bounds.tellCrashesApart()) {
            Field place = s.is(Field.FIRST_CRASH) ? Field.SECOND_CRASH : Field.FIRST_CRASH;
            t.set(place, Crash.of(who, s).number());
        }
        return t;
    }

    private State reboot(State t) {
        QemuMoves.kill(t, Side.OLD);
        QemuMoves.kill(t, Side.NEW);
        if (t.is(Field.AGENT_ALIVE)) {
            agent.crash(t);
        }
        if (Host.open(t)) {
            // What is on tmpfs is gone.
            t.set(Field.LOG_MARK, Mark.BEGIN.ordinal())
                    .set(Field.LOG_SWITCHED, false)
                    .set(Field.REBOOTED, true);
        }
        return t.set(Field.OLD_CURRENT, false).set(Field.NEW_CURRENT, false);
    }

    private void stranger(State s, Stimulus command, Moves out) {
        if (qemu.oldKnows(s, command)) {
            Status before = Host.old(s);
            qemu.tellOld(s, command, "a stranger's " + command, false, (t, label, fair) -> {
                t.set(Field.FOREIGN_LEFT, false);
                out.to(noticed(t, before), label + ": old is " + Host.old(t), fair);
            });
        }
    }

    private void owner(State s, Moves out) {
        if (Host.oldRuns(s)) {
            State reset = s.copy().set(Field.OWNER_LEFT, false).set(Field.FINGERPRINT_CHANGED, true);
            out.to(reset, "the owner resets the guest", false);
            shutdown(s, Side.OLD, out);
            if (qemu.oldKnows(s, Stimulus.STOP)) {
                Status before = Host.old(s);
                qemu.tellOld(s, Stimulus.STOP, "the owner pauses the guest", false, (t, label, fair) -> {
                    t.set(Field.OWNER_LEFT, false);
                    out.to(noticed(t, before), label, fair);
                });
            }
        }
        if (Host.newRuns(s)) {
            shutdown(s, Side.NEW, out);
        }
    }

    private void shutdown(State s, Side side, Moves out) {
        State t = QemuMoves.kill(s.copy(), side)
                .set(Field.OWNER_LEFT, false)
                .set(Field.INTENT, OFF)
                .set(Field.SHUTDOWN_SEEN, s.is(Field.AGENT_ALIVE));
        out.to(t, "the guest powers itself off on " + side, false);
    }

    /** Events: an agent that lives sees them. */
    private static State noticed(State t, Status before) {
        Status now = Host.old(t);
        if (now == before) {
            return t;
        }
        if (now == Status.EXITED) {
            // Declared: a `quit` of which nobody who lives has seen the SHUTDOWN is like any other death.
            return t.is(Field.AGENT_ALIVE) ? t.set(Field.INTENT, OFF).set(Field.SHUTDOWN_SEEN, true) : t;
        }
        boolean runs = now.guestRuns();
        boolean resumed = runs && before == Status.POST;
        return t.set(Field.FINGERPRINT_CHANGED, true)
                .set(Field.INTENT, runs ? RUNNING : PAUSED)
                .set(Field.FOREIGN_RUN, resumed && !t.is(Field.FOREIGN_RUN) ? 1 : t.get(Field.FOREIGN_RUN));
    }
}
