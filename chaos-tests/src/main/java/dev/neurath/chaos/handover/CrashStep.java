package dev.neurath.chaos.handover;

import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Where a hand-over is held while something is killed: just before a step, or with the device state half-way between the two QEMUs.
 *
 * @param label as on the command line
 */
public record CrashStep(String label) {
    public static final CrashStep MID_STREAM = new CrashStep("mid-stream");

    /** Of the way forward, in its order. */
    private static final List<Step> FORWARD = List.of(
            Step.LOG_BEGIN,
            Step.CHECK_OLD,
            Step.START_NEW,
            Step.OPEN_CHANNEL,
            Step.CHECK_NEW,
            Step.HOLD_READY,
            Step.CHECK_GUEST,
            Step.LOG_SWITCH,
            Step.CONNECT_NEW,
            Step.SEND_OLD,
            Step.AWAIT_STAGED,
            Step.LOG_COMMIT,
            Step.FREEZE_OLD,
            Step.CONT_NEW,
            Step.AWAIT_RUNNING,
            Step.KILL_OLD,
            Step.RESET_SURVIVOR,
            Step.LOG_DONE,
            Step.PUBLISH);

    private static final Set<Step> BOTH_HOLD = EnumSet.of(Step.LOG_COMMIT, Step.FREEZE_OLD, Step.CONT_NEW);
    private static final Set<Step> NEW_OWNS =
            EnumSet.of(Step.AWAIT_RUNNING, Step.KILL_OLD, Step.RESET_SURVIVOR, Step.LOG_DONE, Step.PUBLISH);
    private static final Set<Step> OLD_DEAD = EnumSet.of(Step.RESET_SURVIVOR, Step.LOG_DONE, Step.PUBLISH);
    private static final Set<Step> NO_NEW_YET = EnumSet.of(Step.LOG_BEGIN, Step.CHECK_OLD, Step.START_NEW);

    /** Whose death takes the guest with it at this instant. */
    public enum Owner {
        OLD,
        /** Each side alone can let the guest run on. */
        EITHER,
        NEW,
        /** The state is on its way: it may have arrived or not. */
        IN_FLIGHT
    }

    public static List<CrashStep> of(Method method) {
        var steps = new ArrayList<CrashStep>();
        for (Step step : FORWARD) {
            boolean other = method == Method.CPR_TRANSFER ? step == Step.SEND_OLD : step == Step.OPEN_CHANNEL;
            if (!other) {
                steps.add(new CrashStep(step.label()));
            }
            if (step == (method == Method.CPR_TRANSFER ? Step.CONNECT_NEW : Step.SEND_OLD)) {
                steps.add(MID_STREAM);
            }
        }
        return steps;
    }

    public static CrashStep parse(String label) {
        if (label.equals(MID_STREAM.label)) {
            return MID_STREAM;
        }
        for (Step step : FORWARD) {
            if (step.label().equals(label)) {
                return new CrashStep(label);
            }
        }
        throw new IllegalArgumentException("unknown step '" + label + "'; known: mid-stream, "
                + String.join(", ", FORWARD.stream().map(Step::label).toList()));
    }

    public Owner owner() {
        if (equals(MID_STREAM)) {
            return Owner.OLD;
        }
        Step step = step();
        if (BOTH_HOLD.contains(step)) {
            return Owner.EITHER;
        }
        if (NEW_OWNS.contains(step)) {
            return Owner.NEW;
        }
        return step == Step.AWAIT_STAGED ? Owner.IN_FLIGHT : Owner.OLD;
    }

    /** @return true if this step is not before {@code first} and not after {@code last}, whichever the method */
    boolean within(CrashStep first, CrashStep last) {
        return order() >= first.order() && order() <= last.order();
    }

    int order() {
        return equals(MID_STREAM) ? 2 * FORWARD.indexOf(Step.SEND_OLD) + 1 : 2 * FORWARD.indexOf(step());
    }

    /** @return false where the victim does not exist at this step */
    public boolean has(Victim victim) {
        if (equals(MID_STREAM)) {
            return true;
        }
        return switch (victim) {
            case OLD -> !OLD_DEAD.contains(step());
            case NEW -> !NO_NEW_YET.contains(step());
            case AGENT, COORDINATOR -> true;
        };
    }

    private Step step() {
        for (Step step : FORWARD) {
            if (step.label().equals(label)) {
                return step;
            }
        }
        throw new IllegalStateException("not a step: " + label);
    }

    @Override
    public String toString() {
        return label;
    }
}
