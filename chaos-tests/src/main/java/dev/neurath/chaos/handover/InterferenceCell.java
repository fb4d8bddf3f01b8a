package dev.neurath.chaos.handover;

import dev.neurath.model.vm.Method;

/** One cell: what comes in between, where, under which method. */
public record InterferenceCell(CrashStep step, Interference by, Method method) {
    /** @throws IllegalArgumentException if the table has no row for it */
    public InterferenceTable.Row row() {
        return InterferenceTable.row(by, step, method)
                .orElseThrow(() -> new IllegalArgumentException("at " + step + " of " + methodLabel() + " '" + by
                        + "' cannot come in between; it can at: "
                        + String.join(
                                ", ",
                                InterferenceTable.cells(by, method).stream()
                                        .map(cell -> cell.step().label())
                                        .toList())));
    }

    public String methodLabel() {
        return CrashCell.label(method);
    }

    /** Fit for a VM's id. */
    String id() {
        return (method == Method.CPR_TRANSFER ? "cpr-" : "shr-") + by + "-" + step;
    }
}
