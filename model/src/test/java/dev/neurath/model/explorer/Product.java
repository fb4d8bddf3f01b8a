package dev.neurath.model.explorer;

import dev.neurath.model.Decision;
import dev.neurath.model.IllegalEvent;
import dev.neurath.model.Transition;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.Sides;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEffect;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmRules;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The product's rules as the explorer calls them: each question is asked once and its answer remembered, since the rules are pure. It also notes which
 * rows fired.
 */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class Product {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int NOT_SENT = 2;
    static final int REFUSED = 3;
    static final int SWITCH = 4;
    static final int CLOSE = 5;
    private static final int OBSERVED = 6;
    private static final List<Input> PLAIN = List.of(
            new Input.Done(),
            new Input.Failed("FAILED", "failed"),
            new Input.NotSent(),
            new Input.ContRefused("refused"),
            new Input.SwitchOrdered(),
            new Input.CloseRequested("CLOSED", "closed"));
    private static final int OLDS = OldStatus.values().length;
    private static final int NEWS = NewStatus.values().length;
    /** The texts of troubles differ and decide nothing: that there is one does. */
    private static final HandOver.Trouble TROUBLE = new HandOver.Trouble("TROUBLE", "trouble");

    final Variant variant;
    final Interned<HandOver> attempts = new Interned<>();
    final Interned<VmState> vms = new Interned<>();
    final Set<String> recoveryRowsFired = new TreeSet<>();
    final Set<String> vmRowsFired = new TreeSet<>();

    private final List<int[]> nextAttempt = new ArrayList<>();
    private final Map<Long, Reaction> reactions = new HashMap<>();
    private final Map<Integer, List<VmOrder>> due = new HashMap<>();

    Product(Variant variant) {
        this.variant = variant;
    }

    /**
     * What the coordinator does about a command.
     *
     * @param vm the state after its events; the same as before if there are none
     * @param acknowledges the fact in the command
     */
    record Reaction(int vm, List<VmEvent> events, boolean acknowledges, List<VmOrder> orders) {}

    HandOver attempt(int number) {
        return attempts.get(number);
    }

    VmState vm(int number) {
        return vms.get(number);
    }

    int next(int attempt, int input) {
        return remembered(attempt, input, PLAIN.get(input));
    }

    int observed(int attempt, Sides sides) {
        int statuses = sides.old().ordinal() * NEWS + sides.fresh().ordinal();
        int look = ((statuses * 2 + (sides.sameBoot() ? 1 : 0)) * 2 + (sides.shutdownSeen() ? 1 : 0)) * 2
                + (sides.oldStood() ? 1 : 0);
        return remembered(attempt, OBSERVED + look, new Input.Observed(sides));
    }

    private int remembered(int attempt, int column, Input input) {
        while (nextAttempt.size() <= attempt) {
            int[] row = new int[OBSERVED + OLDS * NEWS * 8];
            Arrays.fill(row, -1);
            nextAttempt.add(row);
        }
        int[] row = nextAttempt.get(attempt);
        if (row[column] < 0) {
            row[column] = number(ask(attempts.get(attempt), input));
        }
        return row[column];
    }

    private HandOver ask(HandOver now, Input input) {
        try {
            if (input instanceof Input.Observed look && look.sides().sameBoot()) {
                recoveryRowsFired.add(
                        variant.recovery().match(now, look.sides()).number());
            }
            return variant.steps().next(now, input);
        } catch (IllegalStateException e) {
            throw new Breach("table", "no way on: " + e.getMessage());
        }
    }

    int number(HandOver h) {
        return attempts.number(
                h.trouble() == null
                        ? h
                        : new HandOver(
                                h.generation(),
                                h.role(),
                                h.method(),
                                h.step(),
                                h.mark(),
                                h.switched(),
                                h.closing(),
                                h.proof(),
                                h.cancelSent(),
                                h.waits(),
                                TROUBLE,
                                h.ending()));
    }

    /** @param key names the command among those of this state */
    Reaction decide(int vm, long key, VmCommand command) {
        return reactions.computeIfAbsent(key << 12 | vm, k -> react(vm, command));
    }

    private Reaction react(int number, VmCommand command) {
        VmState vm = vms.get(number);
        if (!(VmRules.decide(vm, command) instanceof Decision.Accepted<VmEvent, VmEffect> accepted)) {
            return new Reaction(number, List.of(), false, List.of());
        }
        boolean asks = accepted.effects().stream().anyMatch(VmEffect.JournalBehind.class::isInstance);
        if (asks && command instanceof VmCommand.Report report) {
            // The freeze is granted; one that is not is a report that was lost.
            return react(number, new VmCommand.FleetFrozen(report));
        }
        VmState after = vm;
        for (VmEvent event : accepted.events()) {
            Transition<VmPhase, VmEvent> row = VmRules.TABLE
                    .find(after.phase(), event)
                    .orElseThrow(() -> new Breach("table", "an event for which there is no row: " + event));
            if (row.equals(variant.dropped())) {
                // What the rules do when the table lacks it: a fact that ends an attempt is left to be repeated, a
                // burial is refused, anything else is a programming error.
                if (endsAttempt(command) || command instanceof VmCommand.DeclareHostDead) {
                    return new Reaction(number, List.of(), false, List.of());
                }
                throw new Breach("table", new IllegalEvent("VM", after.phase(), event).toString());
            }
            vmRowsFired.add(row.from() + " on " + row.label());
            after = after.evolve(event);
        }
        boolean acknowledges = accepted.effects().stream().anyMatch(VmEffect.Acknowledge.class::isInstance);
        var orders = new ArrayList<VmOrder>();
        for (VmEffect effect : accepted.effects()) {
            if (effect instanceof VmEffect.Order order) {
                orders.add(order.order());
            }
        }
        return new Reaction(vms.number(after), accepted.events(), acknowledges, orders);
    }

    private static boolean endsAttempt(VmCommand command) {
        return command instanceof VmCommand.Report report
                && (report.fact() instanceof VmFact.Refused
                        || report.fact() instanceof VmFact.Closed
                        || report.fact() instanceof VmFact.Ended);
    }

    List<VmOrder> ordersDue(int vm) {
        return due.computeIfAbsent(vm, k -> {
            var orders = new ArrayList<VmOrder>();
            for (VmEffect effect : VmRules.effectsDue(vms.get(vm))) {
                if (effect instanceof VmEffect.Order order) {
                    orders.add(order.order());
                }
            }
            return orders;
        });
    }
}
