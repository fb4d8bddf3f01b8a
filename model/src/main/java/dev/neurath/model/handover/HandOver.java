package dev.neurath.model.handover;

import dev.neurath.model.Generation;
import dev.neurath.model.vm.Method;
import org.jspecify.annotations.Nullable;

/**
 * Where an attempt stands in the agent.
 *
 * <p>Only {@code mark} and {@code switched} survive the agent, in its log; the rest is what this incarnation knows.
 *
 * @param step to be performed now
 * @param mark the last record written
 * @param switched SWITCH was written, whatever came after it
 * @param closing Resolve or a cancel waits to be served
 * @param proof what this incarnation can prove about {@code cont} on new
 * @param cancelSent since the last WAIT
 * @param waits looks in a row at a load whose sender is dead
 * @param trouble why the attempt was given up; null on the way forward
 * @param ending set when decided
 */
public record HandOver(
        Generation generation,
        Role role,
        Method method,
        Step step,
        Mark mark,
        boolean switched,
        boolean closing,
        ContProof proof,
        boolean cancelSent,
        int waits,
        @Nullable Trouble trouble,
        @Nullable Ending ending) {

    /** What one incarnation of the agent can prove about {@code cont} on new. */
    public enum ContProof {
        /** Nothing: it may have been sent. */
        NONE,
        /** This incarnation wrote COMMIT itself and has not sent it. */
        NEVER_SENT,
        /** It was refused with an error while still paused. */
        REFUSED
    }

    /** @param code upper snake case */
    public record Trouble(String code, String sentence) {}

    /** A new attempt, nothing done yet. */
    public static HandOver begin(Generation generation, Role role, Method method) {
        return new HandOver(
                generation,
                role,
                method,
                Step.LOG_BEGIN,
                Mark.BEGIN,
                false,
                false,
                ContProof.NONE,
                false,
                0,
                null,
                null);
    }

    /** An attempt found in the log at the agent's start: both processes are looked at before anything else. */
    public static HandOver recovered(Generation generation, Role role, Method method, Mark mark, boolean switched) {
        return new HandOver(
                generation,
                role,
                method,
                Step.OBSERVE,
                mark,
                switched,
                true,
                ContProof.NONE,
                false,
                0,
                new Trouble("AGENT_RESTARTED", "The agent was restarted during the attempt."),
                null);
    }

    /** @return true from the moment that the guest may be stopped until it is known to run, or to be gone */
    public boolean inPause() {
        return switched && ending == null;
    }

    /** @return true once the outcome is durable: before that a crash may still lead to another one, so nobody is told */
    public boolean recorded() {
        return mark == Mark.DONE;
    }

    /** @return true once nothing is left to do but to tell the outcome: another attempt may begin */
    public boolean leavesTheHostAlone() {
        return recorded() && (step == Step.REPORT || step == Step.CLOSED);
    }

    HandOver at(Step next) {
        return new HandOver(
                generation, role, method, next, mark, switched, closing, proof, cancelSent, waits, trouble, ending);
    }

    HandOver marked(Mark written) {
        return new HandOver(
                generation,
                role,
                method,
                step,
                written,
                switched || written == Mark.SWITCH,
                closing,
                proof,
                cancelSent,
                waits,
                trouble,
                ending);
    }

    HandOver proved(ContProof what) {
        return new HandOver(
                generation, role, method, step, mark, switched, closing, what, cancelSent, waits, trouble, ending);
    }

    HandOver cancelSent(boolean sent) {
        return new HandOver(
                generation, role, method, step, mark, switched, closing, proof, sent, waits, trouble, ending);
    }

    /** The first trouble is the cause; what follows from it is not. */
    HandOver troubled(String code, String sentence) {
        Trouble first = trouble == null ? new Trouble(code, sentence) : trouble;
        return new HandOver(
                generation, role, method, step, mark, switched, closing, proof, cancelSent, waits, first, ending);
    }

    HandOver closing(String code, String sentence) {
        return new HandOver(
                        generation, role, method, step, mark, switched, true, proof, cancelSent, waits, trouble, ending)
                .troubledIf(step == Step.HOLD_READY, code, sentence);
    }

    private HandOver troubledIf(boolean now, String code, String sentence) {
        return now ? troubled(code, sentence) : this;
    }

    HandOver ended(Ending how) {
        return new HandOver(
                generation, role, method, step, mark, switched, closing, proof, cancelSent, waits, trouble, how);
    }

    HandOver withWaits(int looks) {
        return new HandOver(
                generation, role, method, step, mark, switched, closing, proof, cancelSent, looks, trouble, ending);
    }
}
