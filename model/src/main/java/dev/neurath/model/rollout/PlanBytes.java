package dev.neurath.model.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.model.budget.Budget;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A plan as canonical bytes, and the id made of them: every value with its length before it, in a fixed order, so that two plans have the same bytes
 * only if they are the same.
 */
public final class PlanBytes {
    /** 64 bits: two plans of one fleet do not collide, and the id can still be read out over a telephone. */
    private static final int ID_BYTES = 8;

    private final StringBuilder out = new StringBuilder("neurath/plan/2\n");

    private PlanBytes() {}

    public static byte[] of(Plan plan) {
        var bytes = new PlanBytes();
        bytes.plan(plan);
        return bytes.out.toString().getBytes(StandardCharsets.UTF_8);
    }

    static Plan named(Plan plan) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(of(plan));
            return plan.withId("p-" + HexFormat.of().formatHex(hash, 0, ID_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private void plan(Plan plan) {
        value(plan.fleet());
        value(plan.name());
        value(plan.release());
        value(plan.toVersion());
        value(plan.waves().size());
        plan.waves().forEach(this::wave);
        value(plan.skipped().size());
        for (Plan.Skip skip : plan.skipped()) {
            value(skip.vm());
            value(skip.host());
            refusal(skip.refusal());
        }
        limits(plan.limits());
        value(plan.labels().size());
        plan.labels().forEach((key, label) -> {
            value(key);
            value(label);
        });
        value(plan.windows().size());
        for (Window window : plan.windows()) {
            value(window.days());
            value(window.from());
            value(window.to());
            value(window.zone());
        }
        value(plan.yaml());
    }

    private void wave(Plan.Wave wave) {
        value(wave.name());
        value(wave.bake());
        value(wave.manual());
        value(wave.assignments().size());
        for (Plan.Assignment assignment : wave.assignments()) {
            value(assignment.vm());
            value(assignment.host());
            value(assignment.rack());
            value(assignment.zone());
            value(assignment.hops().size());
            assignment.hops().forEach(this::hop);
            value(assignment.pauseLimit());
        }
    }

    private void hop(Plan.Hop hop) {
        value(hop.from());
        value(hop.fromVersion());
        value(hop.to());
        value(hop.candidates().size());
        for (Plan.Candidate candidate : hop.candidates()) {
            value(candidate.method());
            refusal(candidate.refusal());
            value(candidate.rehearsal());
        }
    }

    private void limits(Limits limits) {
        Budget budget = limits.budget();
        value(budget.vmsInFlight());
        value(budget.hostsBusy());
        value(budget.perHost());
        value(budget.perRack());
        value(budget.perZone());
        value(limits.pause());
        value(limits.failures());
        value(limits.quarantined());
        value(limits.overPause());
        value(limits.onLimit());
    }

    private void refusal(@Nullable Refusal refusal) {
        // The code only: a sentence may name an amount that changes from minute to minute without changing the plan.
        value(refusal == null ? null : refusal.code());
    }

    private void value(@Nullable Object value) {
        if (value == null) {
            out.append("-\n");
            return;
        }
        String text = value.toString();
        out.append(text.length()).append(' ').append(text).append('\n');
    }
}
