package dev.neurath.model.vm;

import static dev.neurath.model.Kind.COMPENSATABLE;
import static dev.neurath.model.Kind.PIVOT;
import static dev.neurath.model.Kind.REST;
import static dev.neurath.model.Kind.RETRIABLE;
import static dev.neurath.model.vm.VmPhase.ABSENT;
import static dev.neurath.model.vm.VmPhase.GONE;
import static dev.neurath.model.vm.VmPhase.LOST;
import static dev.neurath.model.vm.VmPhase.PREPARING;
import static dev.neurath.model.vm.VmPhase.QUARANTINED;
import static dev.neurath.model.vm.VmPhase.READY;
import static dev.neurath.model.vm.VmPhase.STARTING;
import static dev.neurath.model.vm.VmPhase.STEADY;
import static dev.neurath.model.vm.VmPhase.STOPPING;
import static dev.neurath.model.vm.VmPhase.SWITCHING;
import static dev.neurath.model.vm.VmPhase.UNCERTAIN;
import static dev.neurath.model.vm.VmPhase.VERIFYING;

import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.TransitionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A VM's state machine: where each event leads, and what is decided on each command.
 *
 * <p>A VM is never running twice and never lost by a decision taken here: an order leaves only after the event that names its generation is durable,
 * UNCERTAIN is left only on a fact of that generation or on a human's named evidence, and no timeout ever concludes that a guest is lost.
 *
 * <p>How the guest is stopped and resumed is the agent's, see {@link dev.neurath.model.handover}.
 */
public final class VmRules {
    // spotless:off
    public static final TransitionTable<VmPhase, VmEvent> TABLE = TransitionTable.<VmPhase, VmEvent>builder()
            .row(ABSENT, VmEvent.StartOrdered.class, STARTING, COMPENSATABLE)
            .row(ABSENT, VmEvent.AdoptOrdered.class, STARTING, COMPENSATABLE)
            .row(STARTING, VmEvent.Started.class, STEADY, REST)
            .row(STARTING, VmEvent.StartFailed.class, GONE, REST)
            .row(STARTING, VmEvent.HostDeclaredDead.class, GONE, REST)
            .row(STEADY, VmEvent.UpgradeBegun.class, PREPARING, COMPENSATABLE)
            .row(STEADY, VmEvent.RevisionSeen.class, STEADY, REST)
            .row(STEADY, VmEvent.StopOrdered.class, STOPPING, RETRIABLE)
            .row(STEADY, VmEvent.Ended.class, GONE, REST)
            .row(STEADY, VmEvent.HostDeclaredDead.class, GONE, REST)
            .row(PREPARING, VmEvent.Prepared.class, READY, COMPENSATABLE)
            .row(PREPARING, VmEvent.UpgradeRefused.class, STEADY, REST)
            .row(PREPARING, VmEvent.RolledBack.class, STEADY, REST)

            // Its QEMU died in a rehearsal, which stops the guest.
            .row(PREPARING, VmEvent.Lost.class, LOST, REST)
            .row(PREPARING, VmEvent.AttemptClosed.class, STEADY, REST)
            .row(PREPARING, VmEvent.Ended.class, GONE, REST)
            .row(PREPARING, VmEvent.ContactLost.class, UNCERTAIN, COMPENSATABLE)

            // Prepared and SwitchAuthorized are persisted as one: nobody ever waits in READY, where the agent's lease
            // runs.
            .row(READY, VmEvent.SwitchAuthorized.class, SWITCHING, PIVOT)
            .row(SWITCHING, VmEvent.HandedOver.class, VERIFYING, RETRIABLE)
            .row(SWITCHING, VmEvent.RolledBack.class, STEADY, REST)
            .row(SWITCHING, VmEvent.UpgradeRefused.class, STEADY, REST)
            .row(SWITCHING, VmEvent.AttemptClosed.class, STEADY, REST)
            .row(SWITCHING, VmEvent.DoubleRunFound.class, QUARANTINED, REST)
            .row(SWITCHING, VmEvent.Ended.class, GONE, REST)
            .row(SWITCHING, VmEvent.Lost.class, LOST, REST)
            .row(SWITCHING, VmEvent.ContactLost.class, UNCERTAIN, RETRIABLE)

            // A place of rest: LOST never by timeout, the token is kept, and only facts or named evidence lead out.
            .row(UNCERTAIN, VmEvent.HandedOver.class, VERIFYING, RETRIABLE)
            .row(UNCERTAIN, VmEvent.RolledBack.class, STEADY, REST)
            .row(UNCERTAIN, VmEvent.UpgradeRefused.class, STEADY, REST)
            .row(UNCERTAIN, VmEvent.AttemptClosed.class, STEADY, REST)
            .row(UNCERTAIN, VmEvent.DoubleRunFound.class, QUARANTINED, REST)
            .row(UNCERTAIN, VmEvent.Ended.class, GONE, REST)
            .row(UNCERTAIN, VmEvent.Lost.class, LOST, REST)
            .row(UNCERTAIN, VmEvent.HostDeclaredDead.class, GONE, REST)
            .row(VERIFYING, VmEvent.Verified.class, STEADY, REST)
            .row(VERIFYING, VmEvent.GuestSilent.class, QUARANTINED, REST)
            .row(VERIFYING, VmEvent.Ended.class, GONE, REST)
            .row(VERIFYING, VmEvent.HostDeclaredDead.class, GONE, REST)
            .row(QUARANTINED, VmEvent.Released.class, STEADY, REST)
            .row(QUARANTINED, VmEvent.StopOrdered.class, STOPPING, RETRIABLE)
            .row(QUARANTINED, VmEvent.Ended.class, GONE, REST)
            .row(QUARANTINED, VmEvent.HostDeclaredDead.class, GONE, REST)
            .row(STOPPING, VmEvent.Ended.class, GONE, REST)
            .row(STOPPING, VmEvent.HostDeclaredDead.class, GONE, REST)

            // The memory file stays until a human says that the evidence is no longer needed.
            .row(LOST, VmEvent.Released.class, GONE, REST)
            .row(GONE, VmEvent.StartOrdered.class, STARTING, COMPENSATABLE)
            .row(GONE, VmEvent.AdoptOrdered.class, STARTING, COMPENSATABLE)
            .build();
    // spotless:on

    private VmRules() {}

    public static Decision<VmEvent, VmEffect> decide(VmState vm, VmCommand command) {
        return switch (command) {
            case VmCommand.Start start -> start(vm, start);
            case VmCommand.Adopt adopt -> adopt(vm, adopt);
            case VmCommand.Stop stop -> stop(vm, stop);
            case VmCommand.Upgrade upgrade -> upgrade(vm, upgrade);
            case VmCommand.Hold hold -> hold(vm, hold);
            case VmCommand.Unhold unhold -> unhold(vm, unhold);
            case VmCommand.Release release -> release(vm, release);
            case VmCommand.DeclareHostDead dead -> declareHostDead(vm, dead);
            case VmCommand.Report report -> VmFacts.decide(vm, report, false);
            case VmCommand.FleetFrozen frozen -> VmFacts.decide(vm, frozen.report(), true);
            case VmCommand.DeadlinePassed passed -> deadlinePassed(vm, passed);
        };
    }

    /**
     * What has to be running for a VM in this state: run once after its events are durable, after every recovery, and again and again until a fact
     * answers. Everything in it may be repeated.
     */
    public static List<VmEffect> effectsDue(VmState vm) {
        HostId host = vm.host();
        if (host == null) {
            return List.of();
        }
        Generation g = vm.generation();
        return switch (vm.phase()) {
            case STARTING -> List.of(order(host, firstOrder(vm, g)));
            case PREPARING ->
                List.of(
                        order(
                                host,
                                new VmOrder.Prepare(
                                        g, Objects.requireNonNull(vm.attempt(), "attempt while PREPARING"))),
                        new VmEffect.AwaitDeadline(g, PREPARING));
            case SWITCHING -> List.of(order(host, new VmOrder.Switch(g)), new VmEffect.AwaitDeadline(g, SWITCHING));
            case UNCERTAIN -> List.of(order(host, new VmOrder.Resolve(g)));
            case VERIFYING -> List.of(new VmEffect.AwaitDeadline(g, VERIFYING));
            case STOPPING -> List.of(order(host, new VmOrder.Stop(g)));
            case ABSENT, STEADY, READY, QUARANTINED, GONE, LOST -> List.of();
        };
    }

    private static VmOrder firstOrder(VmState vm, Generation g) {
        VmSpec spec = Objects.requireNonNull(vm.spec(), "spec while STARTING");
        Adoption adoption = vm.adoption();
        return adoption == null ? new VmOrder.Start(g, spec) : new VmOrder.Adopt(g, spec, adoption);
    }

    private static Decision<VmEvent, VmEffect> start(VmState vm, VmCommand.Start start) {
        if (vm.phase() != ABSENT && vm.phase() != GONE) {
            return isStartOf(vm, start.spec()) && start.host().equals(vm.host()) ? Decision.ignore() : exists(vm);
        }
        return then(
                vm,
                List.of(new VmEvent.StartOrdered(
                        start.spec(), start.host(), vm.generation().next(), start.by())));
    }

    private static Decision<VmEvent, VmEffect> adopt(VmState vm, VmCommand.Adopt adopt) {
        if (vm.phase() != ABSENT && vm.phase() != GONE) {
            // What was asked again is the same process; the rest of the request may have been worded otherwise.
            boolean again = vm.adoption() != null
                    && vm.adoption().process().equals(adopt.adoption().process())
                    && adopt.host().equals(vm.host());
            return again ? Decision.ignore() : exists(vm);
        }
        return then(
                vm,
                List.of(new VmEvent.AdoptOrdered(
                        adopt.spec(), adopt.host(), vm.generation().next(), adopt.adoption(), adopt.by())));
    }

    private static Decision<VmEvent, VmEffect> exists(VmState vm) {
        return Decision.refuse(
                "VM_EXISTS",
                "VM %s exists already and is %s on host %s.".formatted(vm.id(), vm.phase(), vm.host()),
                "neurath vm show " + vm.id());
    }

    /** Whether a start with this spec is what made this VM run: asked again, after a reply that was lost or late, it has been done. */
    public static boolean isStartOf(VmState vm, VmSpec spec) {
        return (vm.phase() == STARTING || vm.phase() == STEADY) && vm.adoption() == null && spec.equals(vm.spec());
    }

    private static Decision<VmEvent, VmEffect> stop(VmState vm, VmCommand.Stop stop) {
        return switch (vm.phase()) {
            case STEADY, QUARANTINED ->
                then(vm, List.of(new VmEvent.StopOrdered(vm.generation().next(), stop.by())));
            case STOPPING, GONE -> Decision.ignore();
            case ABSENT -> unknown(vm);
            case STARTING, PREPARING, READY, SWITCHING, VERIFYING, UNCERTAIN, LOST -> busy(vm, "stopped");
        };
    }

    private static Decision<VmEvent, VmEffect> hold(VmState vm, VmCommand.Hold hold) {
        if (vm.phase() == ABSENT) {
            return unknown(vm);
        }
        return hold.reason().equals(vm.hold())
                ? Decision.ignore()
                : Decision.accept(List.of(new VmEvent.HoldPlaced(hold.reason(), hold.by())), List.of());
    }

    private static Decision<VmEvent, VmEffect> unhold(VmState vm, VmCommand.Unhold unhold) {
        if (vm.phase() == ABSENT) {
            return unknown(vm);
        }
        return vm.hold() == null
                ? Decision.ignore()
                : Decision.accept(List.of(new VmEvent.HoldLifted(unhold.by())), List.of());
    }

    private static Decision<VmEvent, VmEffect> upgrade(VmState vm, VmCommand.Upgrade upgrade) {
        if (vm.isAttempt(upgrade)) {
            // Asked again, after a node's death or a lost reply: answer from what is durable.
            VmEvent end = vm.lastEnd();
            return Decision.accept(List.of(), end == null ? effectsDue(vm) : List.of(tell(vm, upgrade.rollout(), end)));
        }
        if (upgrade.attemptNumber() <= vm.attemptNumber()) {
            // Delayed on the way or sent by a stale node: its budget token was given back long ago.
            return Decision.refuse(
                    "STALE_ORDER",
                    "VM %s was asked for attempt %d of rollout %s, and attempt %d was begun after it."
                            .formatted(vm.id(), upgrade.attemptNumber(), upgrade.rollout(), vm.attemptNumber()),
                    "neurath rollout show " + upgrade.rollout());
        }
        return switch (vm.phase()) {
            case ABSENT -> unknown(vm);
            case GONE, LOST, STOPPING ->
                Decision.refuse(
                        "VM_NOT_RUNNING",
                        "VM %s is %s: nothing is running that could be handed over.".formatted(vm.id(), vm.phase()),
                        "neurath explain " + vm.id());
            case QUARANTINED ->
                Decision.refuse(
                        "VM_QUARANTINED",
                        "VM %s is quarantined (%s): a human has to look at it first.".formatted(vm.id(), vm.trouble()),
                        "neurath vm release " + vm.id());
            case STARTING, PREPARING, READY, SWITCHING, VERIFYING, UNCERTAIN -> busy(vm, "upgraded");
            case STEADY -> upgradeSteady(vm, upgrade);
        };
    }

    private static Decision<VmEvent, VmEffect> upgradeSteady(VmState vm, VmCommand.Upgrade upgrade) {
        Revision revision = Objects.requireNonNull(vm.revision(), "revision while STEADY");
        if (vm.hold() != null) {
            return Decision.refuse(
                    "HELD_BY_OWNER",
                    "VM %s is held by its owner: %s".formatted(vm.id(), vm.hold()),
                    "neurath vm unhold " + vm.id());
        }
        if (vm.runs(upgrade.release())) {
            return Decision.refuse(
                    "ALREADY_THERE",
                    "VM %s runs release %s already.".formatted(vm.id(), upgrade.release()),
                    "nothing to do");
        }
        if (!revision.version().equals(upgrade.fromVersion())) {
            return Decision.refuse(
                    "STALE_PLAN",
                    "VM %s runs QEMU %s, and the plan was made for %s."
                            .formatted(vm.id(), revision.version(), upgrade.fromVersion()),
                    "neurath plan again");
        }
        var attempt = new Attempt(
                vm.generation().next(),
                upgrade.rollout(),
                upgrade.wave(),
                upgrade.release(),
                upgrade.method(),
                upgrade.fromVersion(),
                upgrade.pauseLimit(),
                upgrade.rehearsal());
        return then(vm, List.of(new VmEvent.UpgradeBegun(attempt, upgrade.attemptNumber())));
    }

    private static Decision<VmEvent, VmEffect> release(VmState vm, VmCommand.Release release) {
        return switch (vm.phase()) {
            case QUARANTINED, LOST -> then(vm, List.of(new VmEvent.Released(release.by())));
            case ABSENT -> unknown(vm);
            case STARTING, STEADY, PREPARING, READY, SWITCHING, VERIFYING, UNCERTAIN, STOPPING, GONE ->
                Decision.refuse(
                        "NOT_QUARANTINED",
                        "VM %s is %s, not QUARANTINED or LOST: there is nothing to release."
                                .formatted(vm.id(), vm.phase()),
                        "neurath explain " + vm.id());
        };
    }

    private static Decision<VmEvent, VmEffect> declareHostDead(VmState vm, VmCommand.DeclareHostDead dead) {
        if (!dead.host().equals(vm.host())) {
            return Decision.refuse(
                    "WRONG_HOST",
                    "VM %s is on host %s, not on %s.".formatted(vm.id(), vm.host(), dead.host()),
                    "neurath vm show " + vm.id());
        }
        var event = new VmEvent.HostDeclaredDead(dead.host(), dead.evidence(), dead.by());
        if (TABLE.find(vm.phase(), event).isPresent()) {
            return then(vm, List.of(event));
        }
        return switch (vm.phase()) {
            case GONE, LOST, ABSENT -> Decision.ignore();
            default -> busy(vm, "declared gone with its host before its attempt is UNCERTAIN");
        };
    }

    private static Decision<VmEvent, VmEffect> deadlinePassed(VmState vm, VmCommand.DeadlinePassed passed) {
        if (vm.phase() != passed.phase() || !vm.generation().equals(passed.generation())) {
            return Decision.ignore();
        }
        return switch (vm.phase()) {
            case PREPARING, SWITCHING -> then(vm, List.of(new VmEvent.ContactLost(vm.generation(), vm.phase())));
            // The hand-over itself is a fact; only the sign of life is missing, and nobody could say why.
            case VERIFYING ->
                then(
                        vm,
                        List.of(new VmEvent.Verified(
                                vm.generation(),
                                Health.UNKNOWN,
                                "no report of the guest's health in time",
                                vm.stamp())));
            default -> Decision.ignore();
        };
    }

    /** Accepts {@code events} and adds what is due in the state that they lead to, and what the rollout has to hear. */
    static Decision<VmEvent, VmEffect> then(VmState vm, List<VmEvent> events) {
        VmState after = vm;
        for (VmEvent event : events) {
            after = after.evolve(event);
        }
        var effects = new ArrayList<VmEffect>(effectsDue(after));
        if (after.lastEnd() != null && vm.lastEnd() == null && after.attempt() != null) {
            effects.add(tell(after, after.attempt().rollout(), after.lastEnd()));
        }
        return Decision.accept(events, effects);
    }

    private static VmEffect tell(VmState vm, RolloutId rollout, VmEvent end) {
        return new VmEffect.Tell(rollout, vm.attemptNumber(), end, vm.pause());
    }

    private static VmEffect order(HostId host, VmOrder order) {
        return new VmEffect.Order(host, order);
    }

    private static Decision<VmEvent, VmEffect> unknown(VmState vm) {
        return Decision.refuse("VM_UNKNOWN", "There is no VM %s.".formatted(vm.id()), "neurath vm list");
    }

    private static Decision<VmEvent, VmEffect> busy(VmState vm, String what) {
        Attempt attempt = vm.attempt();
        String by = attempt != null && vm.inFlight() ? " for rollout " + attempt.rollout() : "";
        return Decision.refuse(
                "VM_BUSY",
                "VM %s is %s%s and cannot be %s now.".formatted(vm.id(), vm.phase(), by, what),
                "neurath explain " + vm.id());
    }
}
