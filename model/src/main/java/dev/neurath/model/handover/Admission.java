package dev.neurath.model.handover;

import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.vm.VmOrder;
import org.jspecify.annotations.Nullable;

/**
 * Which orders an agent carries out. Per VM it keeps FLOOR, the highest generation it ever accepted or closed, on disk: nothing below it is ever
 * carried out, and nothing of a closed generation begins.
 */
public final class Admission {
    private Admission() {}

    /**
     * @param present the VM's QEMU is this agent's to handle
     * @param floor highest generation accepted or closed
     * @param open the attempt of {@code floor} that is not DONE yet
     * @param done generation of the last DONE whose outcome is kept
     */
    public record Ledger(
            boolean present,
            Generation floor,
            @Nullable HandOver open,
            @Nullable Generation done) {
        public Ledger {
            // An attempt that is being begun is accepted, though its FLOOR may not be on disk yet.
            if (open != null && open.generation().isAfter(floor)) {
                floor = open.generation();
            }
        }
    }

    /** What the agent has to do about an order. */
    public sealed interface Verdict {
        /** Raise FLOOR to this generation, write BEGIN, go on with P3. */
        record Begin() implements Verdict {}

        /** It is under way: nothing to do, its facts will follow. */
        record Attach() implements Verdict {}

        /** Give {@link Input.SwitchOrdered} to the attempt. */
        record Switch() implements Verdict {}

        /** It is over: report its outcome again. */
        record Repeat() implements Verdict {}

        /** Raise FLOOR to the order's generation if it is below, durably; then answer Closed. */
        record Close() implements Verdict {}

        /** Give {@link Input.CloseRequested} to the attempt and answer Settling; its outcome will follow. */
        record Settle() implements Verdict {}

        /** Close the attempt of an older generation first; the order will come again. */
        record SettleOlder() implements Verdict {}

        /** Raise FLOOR to the order's generation, durably; then answer Refused. */
        record Refuse(Refusal refusal) implements Verdict {}
    }

    /**
     * @param late startBefore has passed since the order was received
     */
    public static Verdict admit(Ledger vm, VmOrder order, boolean late) {
        Generation g = order.generation();
        HandOver open = vm.open();
        if (g.isAfter(vm.floor()) && open != null && !open.leavesTheHostAlone()) {
            return new Verdict.SettleOlder();
        }
        return switch (order) {
            case VmOrder.Prepare prepare -> prepare(vm, g, late);
            case VmOrder.Switch ordered -> ordered(vm, g, late);
            case VmOrder.Resolve resolve -> resolve(vm, g);
            case VmOrder.Start start -> throw new IllegalArgumentException("not an order of a hand-over: " + start);
            case VmOrder.Adopt adopt -> throw new IllegalArgumentException("not an order of a hand-over: " + adopt);
            case VmOrder.Stop stop -> throw new IllegalArgumentException("not an order of a hand-over: " + stop);
        };
    }

    private static Verdict prepare(Ledger vm, Generation g, boolean late) {
        if (!g.isAfter(vm.floor())) {
            return known(vm, g);
        }
        if (!vm.present()) {
            return new Verdict.Refuse(
                    Refusal.of("VM_NOT_HERE", "This host does not run the VM.", "neurath vm show, neurath host show"));
        }
        if (late) {
            return new Verdict.Refuse(lateRefusal());
        }
        return new Verdict.Begin();
    }

    private static Verdict ordered(Ledger vm, Generation g, boolean late) {
        HandOver open = vm.open();
        boolean waits = open != null && open.generation().equals(g) && open.step() == Step.HOLD_READY;
        if (!waits) {
            return g.isAfter(vm.floor()) ? new Verdict.Close() : known(vm, g);
        }
        return late ? new Verdict.Settle() : new Verdict.Switch();
    }

    private static Verdict resolve(Ledger vm, Generation g) {
        HandOver open = vm.open();
        boolean settling = open != null && open.generation().equals(g) && !open.recorded();
        if (settling) {
            return new Verdict.Settle();
        }
        return g.isAfter(vm.floor()) ? new Verdict.Close() : known(vm, g);
    }

    /** {@code g} is not above FLOOR: under way, over, or closed for ever. */
    private static Verdict known(Ledger vm, Generation g) {
        HandOver open = vm.open();
        if (open != null && open.generation().equals(g)) {
            // A rehearsal's end is no outcome: what follows from it is on its way.
            return open.recorded() && open.role() == Role.HAND_OVER ? new Verdict.Repeat() : new Verdict.Attach();
        }
        return g.equals(vm.done()) ? new Verdict.Repeat() : new Verdict.Close();
    }

    private static Refusal lateRefusal() {
        return Refusal.of(
                "ORDER_TOO_LATE",
                "The order waited longer than it was allowed to before the guest could be touched.",
                "neurath rollout retry");
    }
}
