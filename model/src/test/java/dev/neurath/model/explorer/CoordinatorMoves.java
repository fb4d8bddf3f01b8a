package dev.neurath.model.explorer;

import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;

/**
 * The VM's actor over its journal, and the link.
 *
 * <p>The journal is kept as the state that it folds to: replay and live fold the same events by the same function, so a node's crash leaves exactly the
 * durable state and none of the effects, and effects that were lost are like messages that were lost. A paused node keeps an older state; what it
 * appends fails by the journal's primary key, what it sends without appending is sent.
 *
 * <p>The link: an order once sent, or a fact once stamped, may arrive at any time, any number of times, or never. That is all that losing, repeating,
 * delaying and reordering can do, so no queue is kept.
 */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class CoordinatorMoves {
    private static final long DEADLINE = 1;
    private static final long UPGRADE = 2;
    private static final long HOST_DEAD = 3;
    private static final long FACT = 16;
    /** Facts stamped so far; the rest of {@link Host#MAX_FACTS} is for the second attempt's own. */
    private static final int ROOM_FOR_LATE_ORDERS = 4;

    private final Product product;
    private final Bounds bounds;
    private final AgentMoves agent;

    CoordinatorMoves(Product product, Bounds bounds, AgentMoves agent) {
        this.product = product;
        this.bounds = bounds;
        this.agent = agent;
    }

    void from(State s, Moves out) {
        int number = s.get(Field.VM);
        VmState vm = product.vm(number);
        if (s.is(Field.UPGRADES_LEFT) && vm.phase() == VmPhase.STEADY) {
            var upgrade = Fleet.upgrade(vm, bounds.method());
            var reaction = product.decide(number, UPGRADE, upgrade);
            State t = s.copy().set(Field.UPGRADES_LEFT, s.get(Field.UPGRADES_LEFT) - 1);
            append(t, reaction, "the rollout wants an upgrade", true, out);
        }
        if (vm.phase() == VmPhase.PREPARING || vm.phase() == VmPhase.SWITCHING || vm.phase() == VmPhase.VERIFYING) {
            var passed = new VmCommand.DeadlinePassed(vm.generation(), vm.phase());
            // With whole links an attempt is settled by facts; only a sign of life may be missing for ever. A rehearsal
            // that
            // loses the guest is settled over UNCERTAIN: PREPARING knows no LOST.
            append(
                    s.copy(),
                    product.decide(number, DEADLINE, passed),
                    vm.phase() + "'s deadline passes",
                    vm.phase() == VmPhase.VERIFYING || bounds.rehearsal(),
                    out);
        }
        if (s.is(Field.REBOOTED) && !s.is(Field.AGENT_ALIVE) && vm.inFlight()) {
            var dead = new VmCommand.DeclareHostDead(Fleet.HOST, "seen in the rack", Fleet.HUMAN);
            append(s.copy(), product.decide(number, HOST_DEAD, dead), "a human declares the host dead", false, out);
        }
        facts(s, number, out);
        if (s.is(Field.AGENT_ALIVE)) {
            orders(s, number, out);
        }
    }

    private void facts(State s, int vm, Moves out) {
        int stale = s.get(Field.STALE_VM);
        for (int i = 0; i < Host.facts(s); i++) {
            boolean waits = !Host.acknowledged(s, i);
            if (!waits && !late(vm, Host.generation(s, i))) {
                continue;
            }
            deliver(s, vm, i, waits && s.is(Field.AGENT_ALIVE), out);
            if (stale != 0 && waits) {
                toStale(s, stale, i, out);
            }
        }
    }

    private Product.Reaction react(State s, int vm, int fact) {
        FactKind kind = Host.kind(s, fact);
        int g = Host.generation(s, fact);
        int place = fact + 1;
        if (product.variant.has(Flaw.FACTS_WITHOUT_SEQUENCE)) {
            place = Host.MAX_FACTS;
        }
        var stamp = product.variant.has(Flaw.FACTS_WITHOUT_SEQUENCE)
                ? new FactStamp(1, product.vm(vm).stamp().sequence() + 1)
                : new FactStamp(1, place);
        long key = FACT + (((long) place << 6) | ((long) kind.ordinal() << 2) | g);
        return product.decide(vm, key, new VmCommand.Report(Fleet.HOST, stamp, kind.fact(Fleet.generation(g))));
    }

    private void deliver(State s, int vm, int fact, boolean fair, Moves out) {
        var reaction = react(s, vm, fact);
        boolean idle = reaction.events().isEmpty() && (!reaction.acknowledges() || Host.acknowledged(s, fact));
        String label = "%s(%d) reaches the coordinator".formatted(Host.kind(s, fact), Host.generation(s, fact));
        if (product.variant.has(Flaw.ACK_BEFORE_APPEND) && reaction.acknowledges()) {
            State t = s.copy();
            Host.acknowledge(t, fact);
            out.to(t, label + ", is acknowledged, and the node dies", false);
        }
        if (idle) {
            return;
        }
        for (VmEvent event : reaction.events()) {
            agreesWithTheHost(s, event);
        }
        State t = s.copy();
        if (reaction.acknowledges()) {
            Host.acknowledge(t, fact);
        }
        append(t, reaction, label, fair, out);
    }

    private void toStale(State s, int stale, int fact, Moves out) {
        var reaction = react(s, stale, fact);
        State t = s.copy();
        if (!reaction.events().isEmpty()) {
            out.to(t.set(Field.STALE_VM, 0), "the woken actor cannot append and stops", false);
        } else if (reaction.acknowledges()) {
            Host.acknowledge(t, fact);
            out.to(t, "the woken actor acknowledges " + Host.kind(s, fact), false);
        }
    }

    private void append(State t, Product.Reaction reaction, String label, boolean fair, Moves out) {
        if (product.variant.has(Flaw.ORDER_BEFORE_APPEND)) {
            State lost = t.copy();
            for (VmOrder order : reaction.orders()) {
                lost.set(Field.ORDERS_SENT, lost.get(Field.ORDERS_SENT) | bit(order));
            }
            out.to(lost, label + ", an order leaves, and the node dies before its event is durable", false);
        }
        t.set(Field.VM, reaction.vm());
        for (VmOrder order : product.ordersDue(reaction.vm())) {
            t.set(Field.ORDERS_SENT, t.get(Field.ORDERS_SENT) | bit(order));
        }
        out.to(t, label + " -> " + product.vm(reaction.vm()).phase(), fair);
    }

    private void orders(State s, int vm, Moves out) {
        for (VmOrder due : product.ordersDue(vm)) {
            agent.order(s, due, false, out);
        }
        if (bounds.late() == Bounds.Late.OF_THE_FIRST_ATTEMPT && Host.facts(s) > ROOM_FOR_LATE_ORDERS) {
            // It is lost, as any message may be: its answer would find no room.
            return;
        }
        int sent = s.get(Field.ORDERS_SENT);
        for (int i = 0; i < 6; i++) {
            if ((sent >>> i & 1) != 0 && late(vm, (int) order(i).generation().value())) {
                agent.order(s, order(i), true, out);
            }
        }
    }

    /** Messages of this generation may arrive when nobody repeats them any more. */
    private boolean late(int vm, int generation) {
        return switch (bounds.late()) {
            case NONE -> false;
            case OF_THE_FIRST_ATTEMPT ->
                generation < product.vm(vm).generation().value();
            case ALL -> true;
        };
    }

    private VmOrder order(int bit) {
        var g = Fleet.generation(2 + bit / 3);
        return switch (bit % 3) {
            case 0 -> new VmOrder.Prepare(g, Fleet.attempt(g, bounds.method()));
            case 1 -> new VmOrder.Switch(g);
            default -> new VmOrder.Resolve(g);
        };
    }

    private static int bit(VmOrder order) {
        int kind = switch (order) {
            case VmOrder.Prepare p -> 0;
            case VmOrder.Switch w -> 1;
            case VmOrder.Resolve r -> 2;
            case VmOrder.Adopt w -> throw new IllegalArgumentException("not of an attempt: " + w);
            case VmOrder.Start w -> throw new IllegalArgumentException("not of an attempt: " + w);
            case VmOrder.Stop w -> throw new IllegalArgumentException("not of an attempt: " + w);
        };
        return 1 << (((int) order.generation().value() - 2) * 3 + kind);
    }

    /** An attempt is settled only as the host settled it. */
    private void agreesWithTheHost(State s, VmEvent event) {
        boolean agrees = switch (event) {
            case VmEvent.HandedOver e -> recorded(s, e.generation().value(), Ending.UPGRADED);
            case VmEvent.RolledBack e -> recorded(s, e.generation().value(), Ending.AS_IT_WAS);
            case VmEvent.Lost e -> recorded(s, e.generation().value(), Ending.LOST);
            case VmEvent.DoubleRunFound e -> recorded(s, e.generation().value(), Ending.DOUBLE_RUN);
            case VmEvent.AttemptClosed e -> closed(s, e.generation().value());
            case VmEvent.UpgradeRefused e -> closed(s, e.generation().value());
            default -> true;
        };
        if (!agrees) {
            throw new Breach(
                    "10",
                    "the coordinator settles on %s, and the host's log says %s%s of %d"
                            .formatted(
                                    event.getClass().getSimpleName(),
                                    Host.mark(s),
                                    Host.done(s) ? " " + Host.ending(s) : "",
                                    s.get(Field.LOG_GENERATION)));
        }
    }

    private static boolean recorded(State s, long g, Ending ending) {
        return Host.done(s) && s.get(Field.LOG_GENERATION) == g && Host.ending(s) == ending;
    }

    private boolean closed(State s, long g) {
        HandOver open = s.is(Field.ATTEMPT) ? product.attempt(s.get(Field.ATTEMPT)) : null;
        boolean runs = open != null && open.generation().value() == g;
        return s.get(Field.FLOOR) >= g && !runs && s.get(Field.LOG_GENERATION) != g;
    }
}
