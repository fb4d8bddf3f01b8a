package dev.neurath.model.explorer;

import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.QemuTable.Status;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;

/** What must hold in every state, and what must hold when nothing is left to do. Numbers as in docs/hand-over-protocol.md. */
final class Invariants {
    private final Product product;

    Invariants(Product product) {
        this.product = product;
    }

    void check(State s) {
        if (Host.oldRuns(s) && Host.newRuns(s)) {
            throw new Breach("1", "both sides run");
        }
        VmState vm = product.vm(s.get(Field.VM));
        if (Host.open(s)) {
            boolean token = vm.inFlight() && vm.generation().value() == s.get(Field.LOG_GENERATION);
            boolean buried = vm.phase() == VmPhase.GONE && s.is(Field.REBOOTED);
            if (!token && !buried) {
                throw new Breach(
                        "13",
                        "attempt %d is open on the host, and its token was given back: the VM is %s of generation %s"
                                .formatted(s.get(Field.LOG_GENERATION), vm.phase(), vm.generation()));
            }
        }
        if (atRest(s)) {
            rest(s, vm);
        }
    }

    /** The guest may be stopped, and nobody but the host is to decide when it goes on. */
    static boolean betweenSwitchAndEnd(State s) {
        return Host.open(s) && s.is(Field.LOG_SWITCHED);
    }

    /** Nobody has anything to do: what is left is waiting for a human or for another rollout. */
    boolean atRest(State s) {
        VmState vm = product.vm(s.get(Field.VM));
        boolean settled = switch (vm.phase()) {
            case STEADY, QUARANTINED, GONE, LOST -> true;
            case ABSENT, STARTING, PREPARING, READY, SWITCHING, VERIFYING, UNCERTAIN, STOPPING -> false;
        };
        if (!settled || !AgentMoves.idle(s)) {
            return false;
        }
        boolean unnoticed = !Host.old(s).alive()
                && (vm.phase() == VmPhase.STEADY || (vm.phase() == VmPhase.QUARANTINED && !doubleRun(s)))
                && !Host.reported(s, FactKind.EXITED, 2);
        return !unnoticed && allAcknowledged(s);
    }

    private static boolean doubleRun(State s) {
        return Host.done(s) && Host.ending(s) == Ending.DOUBLE_RUN;
    }

    private static boolean allAcknowledged(State s) {
        return s.get(Field.ACKNOWLEDGED) == (1 << Host.facts(s)) - 1;
    }

    private static void rest(State s, VmState vm) {
        Status old = Host.old(s);
        Status fresh = Host.fresh(s);
        boolean kept = switch (vm.phase()) {
            case STEADY ->
                (old == Status.RUNNING || old == Status.PAUSED)
                        && !s.is(Field.OLD_FROZEN)
                        && s.is(Field.OLD_CURRENT)
                        && !fresh.alive();
            case GONE -> !old.alive() && !fresh.alive();
            case LOST -> !fresh.alive() && (!old.alive() || s.is(Field.OLD_FROZEN));
            default -> !fresh.alive() || doubleRun(s);
        };
        if (!kept) {
            throw new Breach(
                    "12",
                    "at rest as %s: old is %s%s, new is %s"
                            .formatted(vm.phase(), old, s.is(Field.OLD_FROZEN) ? " and frozen" : "", fresh));
        }
        if (vm.phase() != VmPhase.STEADY) {
            return;
        }
        if (!Fleet.revision(s.get(Field.OLD_REVISION)).equals(vm.revision())) {
            throw new Breach(
                    "11",
                    "at rest with %s in the journal, and revision %d runs"
                            .formatted(vm.revision(), s.get(Field.OLD_REVISION)));
        }
        int intent = s.get(Field.INTENT);
        boolean asWanted = intent == 0 ? old == Status.RUNNING : intent == 1 ? old == Status.PAUSED : false;
        if (!asWanted) {
            throw new Breach("11", "at rest the guest is %s, and its owner wants %d".formatted(old, intent));
        }
    }

    HandOver attempt(State s) {
        return product.attempt(s.get(Field.ATTEMPT));
    }
}
