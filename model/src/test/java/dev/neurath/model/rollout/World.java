package dev.neurath.model.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Decision;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.Budget;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.budget.BudgetEffect;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.budget.BudgetRules;
import dev.neurath.model.budget.BudgetState;
import dev.neurath.model.budget.Token;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEffect;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmRules;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Rollouts, the budget and VMs together, with messages between them that are lost, repeated and delivered in any order. The rules are the product's;
 * only the agents are made up. After every step the budget's promises are checked.
 */
final class World {
    /** A message on its way to one of the three kinds of entity. */
    private sealed interface Message {
        record ToRollout(RolloutId rollout, RolloutCommand command) implements Message {}

        record ToBudget(BudgetCommand command) implements Message {}

        record ToVm(VmId vm, VmCommand command) implements Message {}
    }

    private final Random random;
    private final int lossPercent;
    private final List<Message> onTheWay = new ArrayList<>();
    /** What each agent tells until it is acknowledged. */
    private final Map<VmId, List<VmCommand.Report>> told = new TreeMap<>();

    private final Map<VmId, Set<VmFact>> everTold = new TreeMap<>();
    final Map<RolloutId, RolloutState> rollouts = new TreeMap<>();
    final Map<VmId, VmState> vms = new TreeMap<>();
    BudgetState budget = BudgetState.initial();
    Instant now = Instant.parse("2026-11-20T12:00:00Z");
    private BudgetState stoppedBudget = BudgetState.initial();
    private Map<RolloutId, RolloutState> stoppedRollouts = new TreeMap<>();
    /** What each release says of itself. */
    final Map<ReleaseId, String> versions = new TreeMap<>(Map.of(Fleets.OLD, "1.0", Fleets.NEW, "2.0"));

    int failPercent;
    int refusePercent;

    World(int seed, int lossPercent, List<VmState> vms) {
        random = new Random(seed);
        this.lossPercent = lossPercent;
        vms.forEach(vm -> this.vms.put(vm.id(), vm));
    }

    void apply(RolloutId rollout, Plan plan) {
        rollouts.put(rollout, RolloutState.initial(rollout));
        give(rollout, new RolloutCommand.Apply(plan, Fleets.OPERATOR));
    }

    Decision<RolloutEvent, RolloutEffect> give(RolloutId id, RolloutCommand command) {
        RolloutState rollout = Objects.requireNonNull(rollouts.get(id));
        Decision<RolloutEvent, RolloutEffect> decision = RolloutRules.decide(rollout, command, now);
        if (decision instanceof Decision.Accepted<RolloutEvent, RolloutEffect> accepted) {
            for (RolloutEvent event : accepted.events()) {
                rollout = rollout.evolve(event);
            }
            rollouts.put(id, rollout);
            accepted.effects().forEach(effect -> run(id, effect));
        }
        return decision;
    }

    /** One message, or a reminder, or some time. */
    void step() {
        switch (random.nextInt(10)) {
            case 0 -> remind();
            case 1 -> now = now.plus(Duration.ofSeconds(random.nextInt(20)));
            case 2 -> failOver();
            default -> deliver();
        }
        check();
    }

    /** Goes on without losing anything until nothing changes any more. */
    void settle() {
        for (int round = 0; round < 400; round++) {
            now = now.plus(Duration.ofMinutes(1));
            remind();
            while (!onTheWay.isEmpty()) {
                deliverAt(0);
                check();
            }
        }
    }

    boolean allAtRest() {
        return rollouts.values().stream().allMatch(RolloutState::isAtRest);
    }

    private void deliver() {
        if (onTheWay.isEmpty()) {
            return;
        }
        int index = random.nextInt(onTheWay.size());
        if (random.nextInt(100) < lossPercent) {
            onTheWay.remove(index);
        } else if (random.nextInt(100) < lossPercent) {
            onTheWay.add(onTheWay.get(index));
        } else {
            deliverAt(index);
        }
    }

    private void deliverAt(int index) {
        switch (onTheWay.remove(index)) {
            case Message.ToRollout m -> give(m.rollout(), m.command());
            case Message.ToBudget m -> give(m.command());
            case Message.ToVm m -> give(m.vm(), m.command());
        }
    }

    /**
     * A node is stopped, and another one takes its actors over; later it wakes and says what was due when it was stopped. Whatever it would append fails
     * by the journal's primary key, so nothing else of it counts.
     */
    private void failOver() {
        if (random.nextInt(4) == 0) {
            stoppedBudget = budget;
            stoppedRollouts = new TreeMap<>(rollouts);
            return;
        }
        BudgetRules.effectsDue(stoppedBudget).forEach(this::run);
        stoppedRollouts.forEach(
                (id, rollout) -> RolloutRules.effectsDue(rollout, now).forEach(effect -> run(id, effect)));
    }

    /** What actors do from time to time and after a crash: everything that is due, again. */
    private void remind() {
        BudgetRules.effectsDue(budget).forEach(this::run);
        rollouts.forEach((id, rollout) -> {
            RolloutRules.effectsDue(rollout, now).forEach(effect -> run(id, effect));
            onTheWay.add(new Message.ToRollout(id, new RolloutCommand.Tick()));
        });
        vms.values().forEach(vm -> VmRules.effectsDue(vm).forEach(effect -> run(vm.id(), effect)));
        told.forEach((id, reports) -> reports.forEach(report -> onTheWay.add(new Message.ToVm(id, report))));
    }

    private void run(RolloutId id, RolloutEffect effect) {
        switch (effect) {
            case RolloutEffect.AcquireTokens e ->
                onTheWay.add(new Message.ToBudget(new BudgetCommand.Acquire(id, e.wanted(), e.limits())));
            case RolloutEffect.LookForTokens e ->
                RolloutRules.dueAfter(Objects.requireNonNull(rollouts.get(id)), List.of(e), now)
                        .forEach(ask -> run(id, ask));
            case RolloutEffect.ReleaseToken e ->
                onTheWay.add(new Message.ToBudget(new BudgetCommand.Release(id, e.vm(), e.number())));
            case RolloutEffect.UpgradeVm e -> onTheWay.add(new Message.ToVm(e.vm(), e.order()));
            case RolloutEffect.StartRevert e ->
                onTheWay.add(new Message.ToRollout(id, new RolloutCommand.RevertAnswer(e.rollout(), null)));
            case RolloutEffect.AwaitBake e -> {}
            case RolloutEffect.Finished e -> {}
        }
    }

    private void give(BudgetCommand command) {
        if (BudgetRules.decide(budget, command) instanceof Decision.Accepted<BudgetEvent, BudgetEffect> accepted) {
            for (BudgetEvent event : accepted.events()) {
                budget = budget.evolve(event);
            }
            accepted.effects().forEach(this::run);
        }
    }

    private void run(BudgetEffect effect) {
        switch (effect) {
            case BudgetEffect.Grant e ->
                onTheWay.add(new Message.ToRollout(e.rollout(), new RolloutCommand.TokenGranted(e.vm(), e.number())));
            case BudgetEffect.Deny e ->
                onTheWay.add(new Message.ToRollout(e.rollout(), new RolloutCommand.TokenDenied(e.vm(), e.refusal())));
            case BudgetEffect.WakeDenied e -> {}
        }
    }

    private void give(VmId id, VmCommand command) {
        VmState vm = Objects.requireNonNull(vms.get(id));
        switch (VmRules.decide(vm, command)) {
            case Decision.Accepted<VmEvent, VmEffect> accepted -> {
                for (VmEvent event : accepted.events()) {
                    if (event instanceof VmEvent.UpgradeBegun begun) {
                        Token token = budget.tokens().get(id);
                        assertThat(token).as("token of %s", begun).isNotNull();
                        assertThat(Objects.requireNonNull(token).number())
                                .as("token of %s", begun)
                                .isEqualTo(begun.attemptNumber());
                    }
                    vm = vm.evolve(event);
                }
                vms.put(id, vm);
                accepted.effects().forEach(effect -> run(id, effect));
            }
            case Decision.Refused<VmEvent, VmEffect> refused -> {
                if (command instanceof VmCommand.Upgrade upgrade) {
                    onTheWay.add(new Message.ToRollout(
                            upgrade.rollout(),
                            new RolloutCommand.VmRefused(id, upgrade.attemptNumber(), refused.refusal())));
                }
            }
        }
    }

    private void run(VmId id, VmEffect effect) {
        switch (effect) {
            case VmEffect.Order order -> agent(id, order.host(), order.order());
            case VmEffect.Tell tell ->
                onTheWay.add(new Message.ToRollout(
                        tell.rollout(),
                        new RolloutCommand.VmEnded(id, tell.attemptNumber(), tell.ended(), tell.pause())));
            case VmEffect.AwaitDeadline e -> {}
            case VmEffect.JournalBehind e -> throw new AssertionError("no journal was restored: " + e);
            case VmEffect.Acknowledge e -> {
                List<VmCommand.Report> reports = told.get(id);
                if (reports != null) {
                    reports.removeIf(report -> report.stamp().equals(e.stamp()));
                }
            }
        }
    }

    /** Answers each order at once; what it answers is one word per generation, however often it is asked. */
    private void agent(VmId id, HostId host, VmOrder order) {
        long g = order.generation().value();
        var fate = new Random(id.hashCode() * 31L + g).nextInt(100);
        VmFact fact = switch (order) {
            case VmOrder.Prepare prepare ->
                fate < refusePercent
                        ? new VmFact.Refused(order.generation(), Refusal.of("METHOD_NOT_POSSIBLE", "Cannot.", "none"))
                        : new VmFact.Ready(order.generation());
            case VmOrder.Switch s -> new VmFact.Ended(order.generation(), outcome(id, fate));
            case VmOrder.Resolve r -> new VmFact.Closed(order.generation());
            case VmOrder.Adopt a -> throw new AssertionError("nobody adopts a VM here");
            case VmOrder.Start s -> throw new AssertionError("nobody starts a VM here");
            case VmOrder.Stop s -> throw new AssertionError("nobody stops a VM here");
        };
        tell(id, host, fact);
        if (order instanceof VmOrder.Switch && fate < 100 - failPercent) {
            tell(id, host, new VmFact.HealthSeen(order.generation(), Health.ALIVE, "beats"));
        }
    }

    private void tell(VmId id, HostId host, VmFact fact) {
        Set<VmFact> before = everTold.computeIfAbsent(id, v -> new HashSet<>());
        if (before.add(fact)) {
            var report = new VmCommand.Report(host, new FactStamp(2, before.size()), fact);
            told.computeIfAbsent(id, v -> new ArrayList<>()).add(report);
            onTheWay.add(new Message.ToVm(id, report));
        }
    }

    private Outcome outcome(VmId id, int fate) {
        Attempt attempt =
                Objects.requireNonNull(Objects.requireNonNull(vms.get(id)).attempt());
        String version =
                Objects.requireNonNull(versions.get(attempt.release()), () -> "version of " + attempt.release());
        var pause = new Pause.Measured(Duration.ofMillis(6));
        return fate >= 100 - failPercent
                ? new Outcome.AsItWas(pause, "NEW_REFUSED_STATE", "It refused.", true)
                : new Outcome.Upgraded(
                        pause,
                        new Revision(attempt.release(), version, "bb"),
                        new QemuProcess("boot", 11, id.hashCode(), "/run/n"),
                        Outcome.Footprint.UNKNOWN);
    }

    private void check() {
        Map<HostId, Integer> perHost = new TreeMap<>();
        Map<String, Integer> perRack = new TreeMap<>();
        Map<String, Integer> perZone = new TreeMap<>();
        for (Token token : budget.tokens().values()) {
            perHost.merge(token.place().host(), 1, Integer::sum);
            perRack.merge(token.place().rack(), 1, Integer::sum);
            perZone.merge(token.place().zone(), 1, Integer::sum);
        }
        atMost(budget.tokens().size(), budget.fleet().vmsInFlight(), "VMs in the fleet");
        atMost(perHost.size(), budget.fleet().hostsBusy(), "hosts in the fleet");
        for (Token token : budget.tokens().values()) {
            for (Budget limits : List.of(budget.fleet(), token.limits())) {
                atMost(perHost.getOrDefault(token.place().host(), 0), limits.perHost(), "on a host");
                atMost(perRack.getOrDefault(token.place().rack(), 0), limits.perRack(), "in a rack");
                atMost(perZone.getOrDefault(token.place().zone(), 0), limits.perZone(), "in a zone");
            }
        }
        vms.values().stream()
                .filter(VmState::inFlight)
                .forEach(vm ->
                        assertThat(budget.tokens()).as("token of %s", vm.id()).containsKey(vm.id()));
    }

    private static void atMost(int count, int limit, String what) {
        assertThat(limit == 0 || count <= limit)
                .as("%d tokens %s, limit %d", count, what, limit)
                .isTrue();
    }
}
