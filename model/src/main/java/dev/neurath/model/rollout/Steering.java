package dev.neurath.model.rollout;

import static dev.neurath.model.rollout.RolloutPhase.ABORTING;
import static dev.neurath.model.rollout.RolloutPhase.BAKING;
import static dev.neurath.model.rollout.RolloutPhase.PAUSED;
import static dev.neurath.model.rollout.RolloutPhase.RUNNING;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * How a rollout goes on from wave to wave by itself, and how a human changes its course.
 *
 * <p>A human's word that was carried out already is accepted without an event; one that makes no sense in this phase is refused with a reason.
 */
final class Steering {
    private static final String SHOW = "neurath rollout show ";

    private Steering() {}

    /** @return what follows by itself from this state, one step; empty = nothing */
    static List<RolloutEvent> following(RolloutState rollout, Instant now) {
        return switch (rollout.phase()) {
            case RUNNING -> waveDone(rollout, now);
            case BAKING -> bakeDone(rollout, now);
            case ABORTING -> abortDone(rollout, now);
            case ABSENT, PAUSED, COMPLETE, ABORTED, FAILED -> List.of();
        };
    }

    private static List<RolloutEvent> waveDone(RolloutState rollout, Instant now) {
        List<Plan.Wave> waves = rollout.requirePlan().waves();
        if (waves.isEmpty()) {
            return List.of(new RolloutEvent.Completed(now));
        }
        int open = rollout.lines().countInFirst(rollout.wave() + 1, Progress.WAITING)
                + rollout.lines().countInFirst(rollout.wave() + 1, Progress.IN_FLIGHT);
        if (open > 0) {
            return List.of();
        }
        Plan.Wave wave = waves.get(rollout.wave());
        Instant before = rollout.bakeUntil();
        return List.of(new RolloutEvent.BakeBegun(
                rollout.wave(), before == null ? now.plus(wave.bake()) : before, wave.manual(), now));
    }

    private static List<RolloutEvent> bakeDone(RolloutState rollout, Instant now) {
        Instant until = Objects.requireNonNull(rollout.bakeUntil(), "end of the bake while BAKING");
        boolean manual = rollout.requirePlan().waves().get(rollout.wave()).manual();
        return manual || now.isBefore(until)
                ? List.of()
                : List.of(goOn(rollout, RolloutRules.itself(rollout.id()), now));
    }

    private static RolloutEvent goOn(RolloutState rollout, Actor by, Instant now) {
        int next = rollout.wave() + 1;
        return next < rollout.requirePlan().waves().size()
                ? new RolloutEvent.Promoted(next, by, now)
                : new RolloutEvent.Completed(now);
    }

    private static List<RolloutEvent> abortDone(RolloutState rollout, Instant now) {
        if (rollout.lines().count(Progress.IN_FLIGHT) > 0) {
            return List.of();
        }
        if (!rollout.failing()) {
            return List.of(new RolloutEvent.Aborted(now));
        }
        RolloutState.Halt halt = Objects.requireNonNull(rollout.halt(), "reason while ABORTING");
        // Asked again at the end: the others of the wave may have fallen silent meanwhile, and then nothing is taken
        // back blindly.
        boolean suspect = Gate.isObserverSuspect(rollout);
        Gate.Breach why = suspect ? Gate.blameTheObserver(rollout) : new Gate.Breach(halt.code(), halt.sentence());
        var events = new ArrayList<RolloutEvent>();
        List<VmId> done = standing(rollout, List.of(), rollout.wave(), backFrom(List.of()));
        boolean back = rollout.requirePlan().limits().onLimit() == OnLimit.REVERT
                && !suspect
                && !done.isEmpty()
                && rollout.revert() == null;
        if (back) {
            events.add(
                    new RolloutEvent.RevertRequested(wayBack(rollout), done, RolloutRules.itself(rollout.id()), now));
        }
        events.add(new RolloutEvent.Failed(why.code(), why.sentence(), now));
        return events;
    }

    /** What the limits' own word is on a breach. A suspected observer never takes guests back or ends a rollout. */
    static RolloutEvent halt(RolloutState rollout, Gate.Breach breach, Instant now) {
        Actor by = RolloutRules.itself(rollout.id());
        boolean pause = rollout.requirePlan().limits().onLimit() == OnLimit.PAUSE || Gate.isObserverSuspect(rollout);
        return pause
                ? new RolloutEvent.Paused(breach.code(), breach.sentence(), by, now)
                : new RolloutEvent.AbortBegun(breach.code(), breach.sentence(), true, by, now);
    }

    static Decision<RolloutEvent, RolloutEffect> pause(
            RolloutState rollout, RolloutCommand.PauseRollout pause, Instant now) {
        return switch (rollout.phase()) {
            case RUNNING, BAKING ->
                then(rollout, new RolloutEvent.Paused("PAUSED_BY_OPERATOR", pause.reason(), pause.by(), now), now);
            case PAUSED -> Decision.ignore();
            case ABSENT -> unknown(rollout);
            case ABORTING, COMPLETE, ABORTED, FAILED -> tooLate(rollout, "paused");
        };
    }

    static Decision<RolloutEvent, RolloutEffect> resume(
            RolloutState rollout, RolloutCommand.Resume resume, Instant now) {
        return switch (rollout.phase()) {
            case PAUSED -> then(rollout, new RolloutEvent.Resumed(resume.by(), now), now);
            case RUNNING, BAKING -> Decision.ignore();
            case ABSENT -> unknown(rollout);
            case ABORTING, COMPLETE, ABORTED, FAILED -> tooLate(rollout, "resumed");
        };
    }

    static Decision<RolloutEvent, RolloutEffect> promote(
            RolloutState rollout, RolloutCommand.Promote promote, Instant now) {
        return switch (rollout.phase()) {
            case BAKING -> then(rollout, goOn(rollout, promote.by(), now), now);
            case ABSENT -> unknown(rollout);
            case RUNNING, PAUSED ->
                Decision.refuse(
                        "NOT_BAKING",
                        "Rollout %s is %s in wave %d: only a wave that is done can be promoted."
                                .formatted(rollout.id(), rollout.phase(), rollout.wave()),
                        SHOW + rollout.id());
            case ABORTING, COMPLETE, ABORTED, FAILED -> tooLate(rollout, "promoted");
        };
    }

    static Decision<RolloutEvent, RolloutEffect> abort(RolloutState rollout, RolloutCommand.Abort abort, Instant now) {
        return switch (rollout.phase()) {
            case RUNNING, BAKING, PAUSED ->
                then(
                        rollout,
                        new RolloutEvent.AbortBegun("ABORTED_BY_OPERATOR", abort.reason(), false, abort.by(), now),
                        now);
            case ABORTING, ABORTED, FAILED -> Decision.ignore();
            case ABSENT -> unknown(rollout);
            case COMPLETE -> tooLate(rollout, "aborted");
        };
    }

    static Decision<RolloutEvent, RolloutEffect> retry(RolloutState rollout, RolloutCommand.Retry retry, Instant now) {
        if (rollout.phase() == RolloutPhase.ABSENT) {
            return unknown(rollout);
        }
        if (rollout.phase() == ABORTING || rollout.phase() == RolloutPhase.ABORTED) {
            return tooLate(rollout, "retried");
        }
        RolloutState.Revert revert = rollout.revert();
        if (revert != null && revert.refusal() == null) {
            return Decision.refuse(
                    "REVERTED",
                    "Rollout %s is being taken back by rollout %s.".formatted(rollout.id(), revert.rollout()),
                    SHOW + revert.rollout());
        }
        for (VmId vm : retry.vms()) {
            if (rollout.lines().find(vm).isEmpty()) {
                return notHere(rollout, vm);
            }
        }
        List<VmId> again = standing(rollout, retry.vms(), 0, at(Progress.AS_IT_WAS, Progress.REFUSED));
        return again.isEmpty()
                ? Decision.refuse(
                        "NOTHING_TO_RETRY",
                        "No VM of rollout %s that was asked for ended as it was or was refused."
                                .formatted(rollout.id()),
                        SHOW + rollout.id())
                : then(rollout, new RolloutEvent.VmsRetried(again, retry.by(), now), now);
    }

    static Decision<RolloutEvent, RolloutEffect> revert(
            RolloutState rollout, RolloutCommand.Revert revert, Instant now) {
        if (rollout.phase() == RolloutPhase.ABSENT) {
            return unknown(rollout);
        }
        RolloutState.Revert before = rollout.revert();
        if (before != null && !before.answered()) {
            return before.vms().equals(revert.vms())
                    ? Decision.accept(List.of(), RolloutRules.effectsDue(rollout, now))
                    : Decision.refuse(
                            "REVERTED",
                            "Rollout %s is being taken back by rollout %s.".formatted(rollout.id(), before.rollout()),
                            SHOW + before.rollout());
        }
        for (VmId vm : revert.vms()) {
            if (rollout.lines().find(vm).isEmpty()) {
                return notHere(rollout, vm);
            }
        }
        boolean going = switch (rollout.phase()) {
            case RUNNING, BAKING, PAUSED -> true;
            case ABSENT, ABORTING, COMPLETE, ABORTED, FAILED -> false;
        };
        if (going && !revert.vms().isEmpty()) {
            // Taking a few VMs back would end the rollout for all the others, which nobody asked for.
            return Decision.refuse(
                    "ROLLOUT_" + rollout.phase(),
                    "Rollout %s is %s: single VMs can be taken back once it has ended."
                            .formatted(rollout.id(), rollout.phase()),
                    "neurath rollout abort %s, then revert; or wait until it has ended".formatted(rollout.id()));
        }
        boolean nothing = standing(rollout, revert.vms(), 0, at(Progress.IN_FLIGHT))
                        .isEmpty()
                && standing(rollout, revert.vms(), 0, backFrom(revert.vms())).isEmpty();
        if (nothing) {
            return Decision.refuse(
                    "NOTHING_TO_REVERT",
                    "No VM of rollout %s that was asked for was upgraded.".formatted(rollout.id()),
                    SHOW + rollout.id());
        }
        var requested = new RolloutEvent.RevertRequested(wayBack(rollout), revert.vms(), revert.by(), now);
        return going
                ? RolloutRules.then(
                        rollout,
                        List.of(
                                new RolloutEvent.AbortBegun(
                                        "REVERTED", "It is to be taken back.", false, revert.by(), now),
                                requested),
                        List.of(),
                        now)
                : then(rollout, requested, now);
    }

    static Decision<RolloutEvent, RolloutEffect> revertAnswered(
            RolloutState rollout, RolloutCommand.RevertAnswer answer, Instant now) {
        RolloutState.Revert revert = rollout.revert();
        return revert != null && !revert.answered() && revert.rollout().equals(answer.rollout()) && rollout.isAtRest()
                ? then(rollout, new RolloutEvent.RevertAnswered(answer.rollout(), answer.refusal(), now), now)
                : Decision.ignore();
    }

    /** @return what a way back takes, now that nothing is in flight any more */
    static List<VmId> toRevert(RolloutState rollout, RolloutState.Revert revert) {
        return standing(rollout, revert.vms(), 0, backFrom(revert.vms()));
    }

    /** A guest that fell silent is taken back only by name; the plan takes it once it was released. One that stopped on its way is taken back too. */
    private static Predicate<VmLine> backFrom(List<VmId> named) {
        Predicate<VmLine> onItsWay = at(Progress.WAITING, Progress.AS_IT_WAS, Progress.REFUSED);
        Predicate<VmLine> there = at(Progress.UPGRADED).or(line -> line.hop() > 0 && onItsWay.test(line));
        return named.isEmpty() ? there : there.or(at(Progress.QUARANTINED));
    }

    private static Predicate<VmLine> at(Progress... progresses) {
        return line -> List.of(progresses).contains(line.progress());
    }

    /** @param only empty = all */
    private static List<VmId> standing(RolloutState rollout, List<VmId> only, int fromWave, Predicate<VmLine> wanted) {
        VmLines lines = rollout.lines();
        var found = new ArrayList<VmId>();
        if (only.isEmpty()) {
            int start = lines.size() == 0 ? 0 : lines.start(fromWave);
            for (int i = start; i < lines.size(); i++) {
                if (wanted.test(lines.get(i))) {
                    found.add(lines.assignment(i).vm());
                }
            }
            return found;
        }
        for (VmId vm : only.stream().distinct().toList()) {
            OptionalInt index = lines.find(vm);
            if (index.isPresent() && wanted.test(lines.get(index.getAsInt()))) {
                found.add(vm);
            }
        }
        return found;
    }

    /** Made of this rollout's own id, so that asking twice gives one way back and not two. */
    private static RolloutId wayBack(RolloutState rollout) {
        String suffix = "-back" + (rollout.reverts() == 0 ? "" : "-" + (rollout.reverts() + 1));
        String id = rollout.id().value();
        return new RolloutId(id.substring(0, Math.min(id.length(), 64 - suffix.length())) + suffix);
    }

    private static Decision<RolloutEvent, RolloutEffect> then(RolloutState rollout, RolloutEvent event, Instant now) {
        return RolloutRules.then(rollout, List.of(event), List.of(), now);
    }

    private static Decision<RolloutEvent, RolloutEffect> unknown(RolloutState rollout) {
        return Decision.refuse(
                "ROLLOUT_UNKNOWN", "There is no rollout %s.".formatted(rollout.id()), "neurath rollout list");
    }

    private static Decision<RolloutEvent, RolloutEffect> notHere(RolloutState rollout, VmId vm) {
        return Decision.refuse(
                "VM_NOT_IN_ROLLOUT",
                "VM %s is not in the plan of rollout %s.".formatted(vm, rollout.id()),
                SHOW + rollout.id());
    }

    private static Decision<RolloutEvent, RolloutEffect> tooLate(RolloutState rollout, String what) {
        return Decision.refuse(
                "ROLLOUT_" + rollout.phase(),
                "Rollout %s is %s and cannot be %s.".formatted(rollout.id(), rollout.phase(), what),
                SHOW + rollout.id());
    }
}
