package dev.neurath.model.rollout;

import static dev.neurath.model.Kind.COMPENSATABLE;
import static dev.neurath.model.Kind.PIVOT;
import static dev.neurath.model.Kind.REST;
import static dev.neurath.model.Kind.RETRIABLE;
import static dev.neurath.model.rollout.RolloutPhase.ABORTED;
import static dev.neurath.model.rollout.RolloutPhase.ABORTING;
import static dev.neurath.model.rollout.RolloutPhase.ABSENT;
import static dev.neurath.model.rollout.RolloutPhase.BAKING;
import static dev.neurath.model.rollout.RolloutPhase.COMPLETE;
import static dev.neurath.model.rollout.RolloutPhase.FAILED;
import static dev.neurath.model.rollout.RolloutPhase.PAUSED;
import static dev.neurath.model.rollout.RolloutPhase.RUNNING;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.RolloutId;
import dev.neurath.model.TransitionTable;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmCommand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A rollout's state machine: where each event leads, and what is decided on each command.
 *
 * <p>A VM: WAITING, its token granted (durable with the budget's owner), VmStarted (durable here), the order to the VM, its end told, VmEnded
 * (durable here), its token given back. So every order in flight has its token, and a token is given back only after an end. What is told twice, late
 * or to a rollout that no longer wants it changes nothing, but for a token, which is given back.
 *
 * <p>How steering works is in {@link Steering}; when a limit stops it, in {@link Gate}.
 */
public final class RolloutRules {
    // spotless:off
    public static final TransitionTable<RolloutPhase, RolloutEvent> TABLE =
            TransitionTable.<RolloutPhase, RolloutEvent>builder()
                    .row(ABSENT, RolloutEvent.Applied.class, RUNNING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.VmStarted.class, RUNNING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.VmEnded.class, RUNNING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.HopDone.class, RUNNING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.MethodRefused.class, RUNNING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.VmPutBack.class, RUNNING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.VmsRetried.class, RUNNING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.BakeBegun.class, BAKING, COMPENSATABLE)
                    .row(RUNNING, RolloutEvent.Paused.class, PAUSED, REST)
                    .row(RUNNING, RolloutEvent.AbortBegun.class, ABORTING, PIVOT)

                    // A plan in which every VM was skipped has no wave.
                    .row(RUNNING, RolloutEvent.Completed.class, COMPLETE, REST)
                    .row(BAKING, RolloutEvent.Promoted.class, RUNNING, COMPENSATABLE)
                    .row(BAKING, RolloutEvent.VmsRetried.class, RUNNING, COMPENSATABLE)
                    .row(BAKING, RolloutEvent.Paused.class, PAUSED, REST)
                    .row(BAKING, RolloutEvent.AbortBegun.class, ABORTING, PIVOT)
                    .row(BAKING, RolloutEvent.Completed.class, COMPLETE, REST)
                    .row(PAUSED, RolloutEvent.VmEnded.class, PAUSED, REST)
                    .row(PAUSED, RolloutEvent.HopDone.class, PAUSED, REST)
                    .row(PAUSED, RolloutEvent.MethodRefused.class, PAUSED, REST)
                    .row(PAUSED, RolloutEvent.VmPutBack.class, PAUSED, REST)
                    .row(PAUSED, RolloutEvent.VmsRetried.class, PAUSED, REST)
                    .row(PAUSED, RolloutEvent.Resumed.class, RUNNING, COMPENSATABLE)
                    .row(PAUSED, RolloutEvent.AbortBegun.class, ABORTING, PIVOT)

                    // No way out of ABORTING but to its end: what is in flight finishes, nothing new starts.
                    .row(ABORTING, RolloutEvent.VmEnded.class, ABORTING, RETRIABLE)
                    .row(ABORTING, RolloutEvent.HopDone.class, ABORTING, RETRIABLE)
                    .row(ABORTING, RolloutEvent.MethodRefused.class, ABORTING, RETRIABLE)
                    .row(ABORTING, RolloutEvent.VmPutBack.class, ABORTING, RETRIABLE)
                    .row(ABORTING, RolloutEvent.RevertRequested.class, ABORTING, RETRIABLE)
                    .row(ABORTING, RolloutEvent.Aborted.class, ABORTED, REST)
                    .row(ABORTING, RolloutEvent.Failed.class, FAILED, REST)
                    .row(COMPLETE, RolloutEvent.VmsRetried.class, RUNNING, COMPENSATABLE)
                    .row(COMPLETE, RolloutEvent.RevertRequested.class, COMPLETE, REST)
                    .row(COMPLETE, RolloutEvent.RevertAnswered.class, COMPLETE, REST)
                    .row(FAILED, RolloutEvent.VmsRetried.class, RUNNING, COMPENSATABLE)
                    .row(FAILED, RolloutEvent.RevertRequested.class, FAILED, REST)
                    .row(FAILED, RolloutEvent.RevertAnswered.class, FAILED, REST)
                    .row(ABORTED, RolloutEvent.RevertRequested.class, ABORTED, REST)
                    .row(ABORTED, RolloutEvent.RevertAnswered.class, ABORTED, REST)
                    .build();
    // spotless:on

    private RolloutRules() {}

    public static Decision<RolloutEvent, RolloutEffect> decide(
            RolloutState rollout, RolloutCommand command, Instant now) {
        return switch (command) {
            case RolloutCommand.Apply apply -> apply(rollout, apply, now);
            case RolloutCommand.TokenGranted granted -> tokenGranted(rollout, granted, now);
            // It stays WAITING and asks again on the next tick.
            case RolloutCommand.TokenDenied denied -> Decision.ignore();
            case RolloutCommand.VmEnded ended -> vmEnded(rollout, ended, now);
            case RolloutCommand.VmRefused refused -> vmRefused(rollout, refused, now);
            case RolloutCommand.Tick tick -> onTick(rollout, now);
            case RolloutCommand.PauseRollout pause -> Steering.pause(rollout, pause, now);
            case RolloutCommand.Resume resume -> Steering.resume(rollout, resume, now);
            case RolloutCommand.Promote promote -> Steering.promote(rollout, promote, now);
            case RolloutCommand.Abort abort -> Steering.abort(rollout, abort, now);
            case RolloutCommand.Retry retry -> Steering.retry(rollout, retry, now);
            case RolloutCommand.Revert revert -> Steering.revert(rollout, revert, now);
            case RolloutCommand.RevertAnswer answer -> Steering.revertAnswered(rollout, answer, now);
        };
    }

    /**
     * What has to be running for a rollout in this state: run after every recovery and from time to time. Orders in flight are sent again, and the VMs
     * answer from what is durable; tokens that a crash kept from being given back are reminded of by the budget's owner.
     */
    public static List<RolloutEffect> effectsDue(RolloutState rollout, Instant now) {
        if (rollout.phase() == ABSENT) {
            return List.of();
        }
        var effects = new ArrayList<RolloutEffect>();
        rollout.lines().forEach(rollout.wave() + 1, Progress.IN_FLIGHT, index -> {
            effects.add(order(rollout, index));
            return true;
        });
        effects.addAll(rollout.phase() == RUNNING ? TokenAsks.of(rollout, now) : waitingFor(rollout));
        return effects;
    }

    /**
     * What the effects of commands that were decided one after another come to in the state after the last: however many of them want tokens, it asks once, for what
     * that state wants, and after it has given back what it gives back.
     */
    public static List<RolloutEffect> dueAfter(RolloutState after, List<RolloutEffect> effects, Instant now) {
        var due = new ArrayList<>(effects);
        boolean asks = due.removeIf(effect ->
                effect instanceof RolloutEffect.LookForTokens || effect instanceof RolloutEffect.AcquireTokens);
        if (asks) {
            due.addAll(TokenAsks.of(after, now));
        }
        return due;
    }

    /** What this rollout waits for, but for the VMs in flight. */
    private static List<RolloutEffect> waitingFor(RolloutState rollout) {
        return switch (rollout.phase()) {
            case RUNNING -> List.of(new RolloutEffect.LookForTokens());
            case BAKING ->
                List.of(new RolloutEffect.AwaitBake(
                        Objects.requireNonNull(rollout.bakeUntil(), "end of the bake while BAKING")));
            case COMPLETE, ABORTED, FAILED -> {
                RolloutState.Revert revert = rollout.revert();
                var effects = new ArrayList<RolloutEffect>();
                effects.add(new RolloutEffect.Finished(rollout.phase()));
                if (revert != null && !revert.answered()) {
                    effects.add(new RolloutEffect.StartRevert(
                            revert.rollout(), rollout.requirePlan(), Steering.toRevert(rollout, revert)));
                }
                yield effects;
            }
            case ABSENT, PAUSED, ABORTING -> List.of();
        };
    }

    private static Decision<RolloutEvent, RolloutEffect> apply(
            RolloutState rollout, RolloutCommand.Apply apply, Instant now) {
        Plan known = rollout.plan();
        if (known != null) {
            return known.id().equals(apply.plan().id())
                    ? Decision.accept(List.of(), effectsDue(rollout, now))
                    : Decision.refuse(
                            "ROLLOUT_EXISTS",
                            "Rollout %s carries out plan %s already.".formatted(rollout.id(), known.id()),
                            "neurath rollout show " + rollout.id());
        }
        return then(rollout, List.of(new RolloutEvent.Applied(apply.plan(), apply.by(), now)), List.of(), now);
    }

    private static Decision<RolloutEvent, RolloutEffect> tokenGranted(
            RolloutState rollout, RolloutCommand.TokenGranted granted, Instant now) {
        OptionalInt index = rollout.lines().find(granted.vm());
        var giveBack = new RolloutEffect.ReleaseToken(granted.vm(), granted.number());
        if (index.isEmpty()) {
            return Decision.accept(List.of(), List.of(giveBack));
        }
        VmLine line = rollout.lines().get(index.getAsInt());
        if (line.progress() == Progress.IN_FLIGHT) {
            // A reminder for the attempt in flight. Of another number: it holds the VM's place in the budget until this
            // one has ended.
            return Decision.ignore();
        }
        boolean wanted = rollout.phase() == RUNNING
                && line.progress() == Progress.WAITING
                && rollout.lines().wave(index.getAsInt()) <= rollout.wave()
                && granted.number() > line.attemptNumber()
                && Window.isOpen(rollout.requirePlan().windows(), now);
        if (!wanted) {
            return Decision.accept(List.of(), List.of(giveBack));
        }
        Plan.Assignment part = rollout.lines().assignment(index.getAsInt());
        Method method = part.hops().get(line.hop()).methods().get(line.method());
        var started = new RolloutEvent.VmStarted(granted.vm(), granted.number(), method, now);
        RolloutState after = rollout.evolve(started);
        return Decision.accept(List.of(started), List.of(order(after, index.getAsInt())));
    }

    private static Decision<RolloutEvent, RolloutEffect> vmEnded(
            RolloutState rollout, RolloutCommand.VmEnded ended, Instant now) {
        OptionalInt index = inFlight(rollout, ended.vm(), ended.attemptNumber());
        if (index.isEmpty()) {
            return Decision.ignore();
        }
        int at = index.getAsInt();
        return VmEnds.of(ended, rollout.lines().get(at), rollout.lines().assignment(at), now)
                .map(event -> over(rollout, ended.vm(), ended.attemptNumber(), event, now))
                .orElseGet(() -> Decision.refuse(
                        "NOT_AN_END",
                        "%s does not end an attempt of VM %s."
                                .formatted(ended.end().getClass().getSimpleName(), ended.vm()),
                        "nothing to do"));
    }

    private static Decision<RolloutEvent, RolloutEffect> vmRefused(
            RolloutState rollout, RolloutCommand.VmRefused refused, Instant now) {
        OptionalInt index = inFlight(rollout, refused.vm(), refused.attemptNumber());
        if (index.isEmpty()) {
            return Decision.ignore();
        }
        int at = index.getAsInt();
        RolloutEvent event = VmEnds.refused(
                refused.vm(),
                refused.attemptNumber(),
                refused.refusal(),
                rollout.lines().get(at),
                rollout.lines().assignment(at),
                now);
        return over(rollout, refused.vm(), refused.attemptNumber(), event, now);
    }

    /** An attempt is over: its token is given back, then the gate looks, then whatever has become due. */
    private static Decision<RolloutEvent, RolloutEffect> over(
            RolloutState rollout, VmId vm, int attemptNumber, RolloutEvent event, Instant now) {
        var events = new ArrayList<RolloutEvent>();
        events.add(event);
        RolloutState after = rollout.evolve(event);
        if (after.phase() == RUNNING) {
            Gate.breach(after).ifPresent(breach -> events.add(Steering.halt(after, breach, now)));
        }
        return then(rollout, events, List.of(new RolloutEffect.ReleaseToken(vm, attemptNumber)), now);
    }

    private static Decision<RolloutEvent, RolloutEffect> onTick(RolloutState rollout, Instant now) {
        return rollout.phase() == ABSENT ? Decision.ignore() : then(rollout, List.of(), List.of(), now);
    }

    /** Accepts {@code events}, adds those that follow from the state they lead to, and what is due then. */
    static Decision<RolloutEvent, RolloutEffect> then(
            RolloutState rollout, List<RolloutEvent> events, List<RolloutEffect> first, Instant now) {
        var all = new ArrayList<>(events);
        RolloutState after = rollout;
        for (RolloutEvent event : events) {
            after = after.evolve(event);
        }
        for (List<RolloutEvent> next = Steering.following(after, now);
                !next.isEmpty();
                next = Steering.following(after, now)) {
            for (RolloutEvent event : next) {
                all.add(event);
                after = after.evolve(event);
            }
        }
        var effects = new ArrayList<>(first);
        effects.addAll(waitingFor(after));
        return Decision.accept(all, effects);
    }

    static Actor itself(RolloutId rollout) {
        return new Actor("rollout/" + rollout);
    }

    /** @return where {@code vm} stands, if this attempt of it is in flight */
    private static OptionalInt inFlight(RolloutState rollout, VmId vm, int attemptNumber) {
        OptionalInt index = rollout.lines().find(vm);
        if (index.isEmpty()) {
            return index;
        }
        VmLine line = rollout.lines().get(index.getAsInt());
        return line.progress() == Progress.IN_FLIGHT && line.attemptNumber() == attemptNumber
                ? index
                : OptionalInt.empty();
    }

    private static RolloutEffect order(RolloutState rollout, int index) {
        Plan.Assignment part = rollout.lines().assignment(index);
        VmLine line = rollout.lines().get(index);
        Plan.Hop hop = part.hops().get(line.hop());
        Plan.Candidate candidate = hop.tried().get(line.method());
        return new RolloutEffect.UpgradeVm(
                part.vm(),
                part.host(),
                new VmCommand.Upgrade(
                        rollout.id(),
                        rollout.lines().wave(index),
                        line.attemptNumber(),
                        hop.to(),
                        candidate.method(),
                        hop.fromVersion(),
                        part.pauseLimit(),
                        candidate.rehearsal()));
    }
}
