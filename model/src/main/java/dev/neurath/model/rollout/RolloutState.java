package dev.neurath.model.rollout;

import dev.neurath.model.Actor;
import dev.neurath.model.IllegalEvent;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of one rollout: the fold of its events. It changes in {@link #evolve} and nowhere else.
 *
 * @param plan null only while ABSENT
 * @param wave index of the current one
 * @param trouble since it began or was last resumed
 * @param bakeUntil end of the current wave's bake, kept over a pause; null before it
 * @param halt why it is PAUSED, ABORTING, ABORTED or FAILED, or null
 * @param failing while ABORTING: true if it will be FAILED
 * @param reverts how many ways back were asked for
 * @param revert the last of them, or null
 */
public record RolloutState(
        RolloutId id,
        RolloutPhase phase,
        @Nullable Plan plan,
        @Nullable Actor by,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        int wave,
        VmLines lines,
        Trouble trouble,
        @Nullable Instant bakeUntil,
        @Nullable Halt halt,
        boolean failing,
        int reverts,
        @Nullable Revert revert) {

    /** @param code upper snake case */
    public record Halt(String code, String sentence, Actor by, Instant at) {}

    /**
     * A way back.
     *
     * @param vms empty = all that were upgraded
     * @param answered true once its rollout was applied or refused
     * @param refusal why there is no such rollout, or null
     */
    public record Revert(
            RolloutId rollout,
            List<VmId> vms,
            boolean answered,
            @Nullable Refusal refusal) {}

    public static RolloutState initial(RolloutId id) {
        return new RolloutState(
                id,
                RolloutPhase.ABSENT,
                null,
                null,
                null,
                null,
                0,
                VmLines.NONE,
                Trouble.NONE,
                null,
                null,
                false,
                0,
                null);
    }

    public RolloutState evolve(RolloutEvent event) {
        RolloutPhase to = RolloutRules.TABLE
                .find(phase, event)
                .orElseThrow(() -> new IllegalEvent("rollout " + id, phase, event))
                .to();
        var draft = new Draft(this);
        draft.phase = to;
        draft.apply(event);
        return draft.finish();
    }

    /** @return true once nothing will happen any more by itself */
    public boolean isAtRest() {
        return switch (phase) {
            case COMPLETE, ABORTED, FAILED -> true;
            case ABSENT, RUNNING, BAKING, PAUSED, ABORTING -> false;
        };
    }

    /** @return what it carries out; only an ABSENT one has none */
    Plan requirePlan() {
        return Objects.requireNonNull(plan, "plan of an applied rollout");
    }

    /** A mutable copy, alive only within {@link #evolve}. */
    private static final class Draft {
        private final RolloutId id;
        private RolloutPhase phase;
        private @Nullable Plan plan;
        private @Nullable Actor by;
        private @Nullable Instant startedAt;
        private @Nullable Instant endedAt;
        private int wave;
        private VmLines lines;
        private Trouble trouble;
        private @Nullable Instant bakeUntil;
        private @Nullable Halt halt;
        private boolean failing;
        private int reverts;
        private @Nullable Revert revert;

        private Draft(RolloutState s) {
            id = s.id;
            phase = s.phase;
            plan = s.plan;
            by = s.by;
            startedAt = s.startedAt;
            endedAt = s.endedAt;
            wave = s.wave;
            lines = s.lines;
            trouble = s.trouble;
            bakeUntil = s.bakeUntil;
            halt = s.halt;
            failing = s.failing;
            reverts = s.reverts;
            revert = s.revert;
        }

        private RolloutState finish() {
            return new RolloutState(
                    id, phase, plan, by, startedAt, endedAt, wave, lines, trouble, bakeUntil, halt, failing, reverts,
                    revert);
        }

        private void apply(RolloutEvent event) {
            switch (event) {
                case RolloutEvent.Applied e -> {
                    plan = e.plan();
                    by = e.by();
                    startedAt = e.at();
                    lines = VmLines.of(e.plan().waves());
                }
                case RolloutEvent.VmStarted e ->
                    lines = lines.with(at(e.vm()), line(e.vm()).begun(e.attemptNumber()));
                case RolloutEvent.VmEnded e -> {
                    trouble = trouble.plus(Gate.counted(e, lines.assignment(at(e.vm()))));
                    lines = lines.with(at(e.vm()), line(e.vm()).ended(e.end(), e.pause(), e.reason(), e.sentence()));
                }
                case RolloutEvent.HopDone e -> {
                    trouble = trouble.plus(Gate.counted(e, lines.assignment(at(e.vm()))));
                    lines = lines.with(at(e.vm()), line(e.vm()).atNextHop(e.pause(), e.reason(), e.sentence()));
                }
                case RolloutEvent.MethodRefused e ->
                    lines = lines.with(
                            at(e.vm()),
                            line(e.vm())
                                    .withNextMethod(
                                            e.refusal().code(), e.refusal().sentence()));
                case RolloutEvent.VmPutBack e ->
                    lines = lines.with(at(e.vm()), line(e.vm()).putBack(e.reason(), e.sentence()));
                case RolloutEvent.BakeBegun e -> bakeUntil = e.until();
                case RolloutEvent.Promoted e -> {
                    wave = e.wave();
                    bakeUntil = null;
                }
                case RolloutEvent.Paused e -> halt = new Halt(e.code(), e.sentence(), e.by(), e.at());
                case RolloutEvent.Resumed e -> {
                    halt = null;
                    trouble = Trouble.NONE;
                }
                case RolloutEvent.AbortBegun e -> {
                    halt = new Halt(e.code(), e.sentence(), e.by(), e.at());
                    failing = e.failing();
                }
                case RolloutEvent.Aborted e -> endedAt = e.at();
                case RolloutEvent.Failed e -> {
                    endedAt = e.at();
                    halt = halt == null ? null : new Halt(e.code(), e.sentence(), halt.by(), halt.at());
                }
                case RolloutEvent.Completed e -> {
                    endedAt = e.at();
                    bakeUntil = null;
                }
                case RolloutEvent.VmsRetried e -> {
                    for (VmId vm : e.vms()) {
                        lines = lines.with(at(vm), line(vm).again());
                    }
                    bakeUntil = null;
                    if (endedAt != null) {
                        // It had come to rest: what was counted then has been looked at.
                        endedAt = null;
                        halt = null;
                        failing = false;
                        trouble = Trouble.NONE;
                    }
                }
                case RolloutEvent.RevertRequested e -> {
                    reverts++;
                    revert = new Revert(e.rollout(), e.vms(), false, null);
                }
                case RolloutEvent.RevertAnswered e ->
                    revert = revert == null ? null : new Revert(e.rollout(), revert.vms(), true, e.refusal());
            }
        }

        private int at(VmId vm) {
            return lines.find(vm)
                    .orElseThrow(() -> new IllegalStateException(
                            "rollout %s has an event of VM %s, which is not in its plan".formatted(id, vm)));
        }

        private VmLine line(VmId vm) {
            return lines.get(at(vm));
        }
    }
}
