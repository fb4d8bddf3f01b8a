package dev.neurath.chaos.handover;

import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One cell of the crash table: what is killed where, under which method.
 *
 * @param second what is killed besides
 */
public record CrashCell(CrashStep step, Victim victim, Method method, Second second) {
    private static final CrashStep BEFORE_THE_COMMIT = new CrashStep(Step.LOG_COMMIT.label());

    /** A second blow, beside the agent's death. */
    public enum Second {
        NONE(Optional.empty(), false),
        OLD_AT_ONCE(Optional.of(Victim.OLD), false),
        NEW_AT_ONCE(Optional.of(Victim.NEW), false),
        /** The next agent has just come up and looks at what it finds. */
        OLD_IN_RECOVERY(Optional.of(Victim.OLD), true),
        NEW_IN_RECOVERY(Optional.of(Victim.NEW), true),
        AGENT_IN_RECOVERY(Optional.of(Victim.AGENT), true);

        private final Optional<Victim> victim;
        private final boolean inRecovery;

        Second(Optional<Victim> victim, boolean inRecovery) {
            this.victim = victim;
            this.inRecovery = inRecovery;
        }

        Optional<Victim> victim(boolean recovering) {
            return inRecovery == recovering ? victim : Optional.empty();
        }
    }

    public CrashCell(CrashStep step, Victim victim, Method method) {
        this(step, victim, method, Second.NONE);
    }

    /** Every cell of one victim, both methods. */
    public static List<CrashCell> all(Victim victim) {
        var cells = new ArrayList<CrashCell>();
        for (Method method : Method.values()) {
            for (CrashStep step : CrashStep.of(method)) {
                if (step.has(victim)) {
                    cells.add(new CrashCell(step, victim, method));
                }
            }
        }
        return cells;
    }

    /** Cells of the agent and this second victim, where it exists. */
    public static List<CrashCell> pairs(Second second, Method method, List<CrashStep> steps) {
        Victim other = second.victim.orElseThrow();
        return steps.stream()
                .filter(step -> step.has(other))
                .map(step -> new CrashCell(step, Victim.AGENT, method, second))
                .toList();
    }

    public String victims() {
        return switch (second) {
            case NONE -> victim.label();
            case OLD_AT_ONCE, NEW_AT_ONCE ->
                victim + "+" + second.victim.orElseThrow().label();
            case OLD_IN_RECOVERY, NEW_IN_RECOVERY, AGENT_IN_RECOVERY ->
                victim + ", " + second.victim.orElseThrow().label();
        };
    }

    /** How a guest may end. */
    public enum End {
        UPGRADED,
        AS_IT_WAS,
        /** No process of it lives any more. */
        LOST
    }

    /** LOST is allowed only where a victim was the guest's sole owner at that instant, or could be by then. */
    public boolean mayEndLost() {
        return soleOwner(victim)
                || second.victim.map(this::soleOwner).orElse(false)
                // The next agent goes back before the commit, and forward after it; either makes one QEMU the sole
                // owner.
                || (second == Second.OLD_IN_RECOVERY && step.equals(BEFORE_THE_COMMIT))
                || (second == Second.NEW_IN_RECOVERY
                        && step.owner() == CrashStep.Owner.EITHER
                        && !step.equals(BEFORE_THE_COMMIT));
    }

    private boolean soleOwner(Victim killed) {
        return switch (killed) {
            case OLD -> step.owner() == CrashStep.Owner.OLD || step.owner() == CrashStep.Owner.IN_FLIGHT;
            case NEW -> step.owner() == CrashStep.Owner.NEW;
            case AGENT, COORDINATOR -> false;
        };
    }

    public String methodLabel() {
        return label(method);
    }

    /** As on the command line. */
    public static Method method(String label) {
        return Arrays.stream(Method.values())
                .filter(method -> label(method).equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown method '" + label + "'; known: "
                        + String.join(
                                ", ",
                                Arrays.stream(Method.values())
                                        .map(CrashCell::label)
                                        .toList())));
    }

    static String label(Method method) {
        return method.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Fit for a VM's id. */
    public String id() {
        String kind = method == Method.CPR_TRANSFER ? "cpr" : "shr";
        return kind + "-" + victim.label().charAt(0) + "-" + step.label();
    }
}
