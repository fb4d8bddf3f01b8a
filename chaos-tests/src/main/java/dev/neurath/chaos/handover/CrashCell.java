package dev.neurath.chaos.handover;

import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One cell of the crash table: what is killed where, under which method. */
public record CrashCell(CrashStep step, Victim victim, Method method) {
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

    /** How a guest may end. */
    public enum End {
        UPGRADED,
        AS_IT_WAS,
        /** No process of it lives any more. */
        LOST
    }

    /** LOST is allowed only where the victim was the guest's sole owner at that instant. */
    public boolean mayEndLost() {
        return switch (victim) {
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

    private static String label(Method method) {
        return method.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Fit for a VM's id. */
    public String id() {
        String kind = method == Method.CPR_TRANSFER ? "cpr" : "shr";
        return kind + "-" + victim.label().charAt(0) + "-" + step.label();
    }
}
