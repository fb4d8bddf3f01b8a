package dev.neurath.model.budget;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The one owner of budget tokens, for all rollouts.
 *
 * <p>At every instant the tokens held keep the fleet's limits and those of the rollouts that hold them, and no VM has two. A token is given back
 * only by its own number, after its attempt's terminal event; no time takes it away. A frozen fleet grants nothing; what is held stays held.
 *
 * <p>There is no queue: who is denied asks again, on {@link BudgetEffect.WakeDenied} and on its own tick. A queue would have to know which askers
 * still live. Grants are repeated ({@link #effectsDue}), and a rollout gives back what it does not need, so a lost reply leaks nothing.
 */
public final class BudgetRules {
    private BudgetRules() {}

    public static Decision<BudgetEvent, BudgetEffect> decide(BudgetState budget, BudgetCommand command) {
        return switch (command) {
            case BudgetCommand.Acquire acquire -> acquire(budget, acquire);
            case BudgetCommand.Release release -> release(budget, release);
            case BudgetCommand.FreezeFleet freeze -> {
                Freeze now = budget.frozen();
                yield now != null && now.reason().equals(freeze.reason())
                        ? Decision.ignore()
                        : Decision.accept(
                                List.of(new BudgetEvent.Frozen(new Freeze(freeze.reason(), freeze.by(), freeze.at()))),
                                List.of());
            }
            case BudgetCommand.JournalBehind behind ->
                budget.frozen() == null
                        ? Decision.accept(List.of(new BudgetEvent.Frozen(older(behind))), List.of())
                        : Decision.ignore();
            case BudgetCommand.ThawFleet thaw ->
                budget.frozen() == null
                        ? Decision.ignore()
                        : Decision.accept(
                                List.of(new BudgetEvent.Thawed(thaw.by())), List.of(new BudgetEffect.WakeDenied()));
            case BudgetCommand.SetFleetBudget set ->
                set.budget().equals(budget.fleet())
                        ? Decision.ignore()
                        : Decision.accept(
                                List.of(new BudgetEvent.FleetBudgetSet(set.budget(), set.by())),
                                List.of(new BudgetEffect.WakeDenied()));
        };
    }

    /** Every grant again: after a recovery and from time to time, so that each rollout can use or give back what it holds. */
    public static List<BudgetEffect> effectsDue(BudgetState budget) {
        return budget.tokens().values().stream()
                .<BudgetEffect>map(BudgetRules::grant)
                .toList();
    }

    private static Decision<BudgetEvent, BudgetEffect> acquire(BudgetState budget, BudgetCommand.Acquire acquire) {
        var events = new ArrayList<BudgetEvent>();
        var effects = new ArrayList<BudgetEffect>();
        var tally = new Tally(budget.fleet(), budget.tokens().values());
        var granted = new java.util.HashMap<dev.neurath.model.VmId, Token>();
        int number = budget.lastNumber();
        for (TokenRequest wanted : acquire.wanted()) {
            Token held = budget.tokens().getOrDefault(wanted.vm(), granted.get(wanted.vm()));
            if (held != null) {
                effects.add(
                        held.rollout().equals(acquire.rollout())
                                ? grant(held)
                                : deny(acquire, wanted, taken(wanted, held)));
                continue;
            }
            Optional<Refusal> refusal = frozen(budget).or(() -> tally.breach(wanted, acquire.limits()));
            if (refusal.isPresent()) {
                effects.add(deny(acquire, wanted, refusal.get()));
                continue;
            }
            number = Math.addExact(number, 1);
            var token = new Token(number, acquire.rollout(), wanted, acquire.limits());
            tally.add(token);
            granted.put(wanted.vm(), token);
            events.add(new BudgetEvent.TokenGranted(token));
            effects.add(grant(token));
        }
        return Decision.accept(events, effects);
    }

    private static Decision<BudgetEvent, BudgetEffect> release(BudgetState budget, BudgetCommand.Release release) {
        Token held = budget.tokens().get(release.vm());
        boolean itsOwn = held != null
                && held.number() == release.number()
                && held.rollout().equals(release.rollout());
        return itsOwn
                ? Decision.accept(
                        List.of(new BudgetEvent.TokenReleased(release.vm(), release.number())),
                        List.of(new BudgetEffect.WakeDenied()))
                : Decision.ignore();
    }

    private static Optional<Refusal> frozen(BudgetState budget) {
        Freeze freeze = budget.frozen();
        return freeze == null
                ? Optional.empty()
                : Optional.of(Refusal.of(
                        "FROZEN",
                        "The fleet was frozen by %s: %s".formatted(freeze.by().name(), freeze.reason()),
                        "neurath thaw"));
    }

    private static Freeze older(BudgetCommand.JournalBehind behind) {
        return new Freeze(
                ("The journal is older than its agents, as one restored from a backup is: host %s has carried out generation %d of VM %s,"
                                + " and the journal knows of %d. Look whether the VMs are what they should be, then thaw")
                        .formatted(
                                behind.host(),
                                behind.told().value(),
                                behind.vm(),
                                behind.known().value()),
                new Actor("vm/" + behind.vm()),
                behind.at());
    }

    private static Refusal taken(TokenRequest wanted, Token held) {
        return Refusal.of(
                "VM_TAKEN",
                "VM %s is in the hands of rollout %s.".formatted(wanted.vm(), held.rollout()),
                "neurath rollout show " + held.rollout());
    }

    private static BudgetEffect grant(Token token) {
        return new BudgetEffect.Grant(token.rollout(), token.place().vm(), token.number());
    }

    private static BudgetEffect deny(BudgetCommand.Acquire acquire, TokenRequest wanted, Refusal refusal) {
        return new BudgetEffect.Deny(acquire.rollout(), wanted.vm(), refusal);
    }
}
