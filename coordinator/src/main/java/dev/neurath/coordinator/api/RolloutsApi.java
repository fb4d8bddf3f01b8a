package dev.neurath.coordinator.api;

import dev.neurath.codec.PlanCodec;
import dev.neurath.codec.VmCodec;
import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.coordinator.rollout.FleetEntities;
import dev.neurath.coordinator.rollout.FleetPlanner;
import dev.neurath.coordinator.rollout.FleetProofs;
import dev.neurath.intent.Intent;
import dev.neurath.intent.Parsed;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.budget.Freeze;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.rollout.ExpectedPause;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.Planned;
import dev.neurath.model.rollout.RolloutCommand;
import dev.neurath.model.rollout.RolloutSpec;
import dev.neurath.model.rollout.RolloutState;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.FreezeRequest;
import dev.neurath.proto.v1.FreezeState;
import dev.neurath.proto.v1.GetFreezeRequest;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.ListRolloutsRequest;
import dev.neurath.proto.v1.ListRolloutsResponse;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.PlanResponse;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutsGrpc;
import dev.neurath.proto.v1.SteerRequest;
import dev.neurath.proto.v1.ThawRequest;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The gRPC service Rollouts.
 *
 * <p>A plan is applied only if planning the same intent on the fleet as it is now gives the same plan. Applying one that is being carried out already
 * answers with that rollout, so a client that lost its answer may ask again.
 */
public final class RolloutsApi extends RolloutsGrpc.RolloutsImplBase {
    private final FleetEntities entities;
    private final FleetPlanner planner;
    private final FleetProofs proofs;
    private final FreshReads reads;
    private final Clock clock;
    private final Duration patience;

    public RolloutsApi(
            FleetEntities entities,
            FleetPlanner planner,
            FleetProofs proofs,
            FreshReads reads,
            Clock clock,
            Duration patience) {
        this.entities = entities;
        this.planner = planner;
        this.proofs = proofs;
        this.reads = reads;
        this.clock = clock;
        this.patience = patience;
    }

    @Override
    public void plan(PlanRequest request, StreamObserver<PlanResponse> observer) {
        Unary.answer(observer, () -> {
            RolloutSpec spec = parse(request.getYaml());
            if (!Caller.onlyLooks()) {
                findOut(spec);
            }
            Plan plan = reads.decideFrom(fleet -> planned(spec, request.getYaml(), fleet));
            var answer = PlanResponse.newBuilder().setPlan(PlanCodec.encode(plan));
            reads.look(fleet -> ExpectedPause.of(
                            fleet.vms().stream().map(VmEntry::state).toList()))
                    .ifPresent(expected -> answer.setExpectedPause(PlanResponse.ExpectedPause.newBuilder()
                            .setLow(VmCodec.encode(expected.low()))
                            .setMedian(VmCodec.encode(expected.median()))
                            .setHigh(VmCodec.encode(expected.high()))
                            .setMeasured(expected.measured())));
            return answer.build();
        });
    }

    @Override
    public void apply(ApplyRequest request, StreamObserver<Rollout> observer) {
        Unary.answer(observer, () -> {
            String yaml = request.hasPlan() ? request.getPlan().getYaml() : request.getYaml();
            RolloutSpec spec = parse(yaml);
            if (!request.hasPlan()) {
                findOut(spec);
            }
            Applicable applicable = reads.decideFrom(fleet -> applicable(request, spec, yaml, fleet));
            if (!applicable.underWay()) {
                Replies.accepted(
                        entities.askRollout(
                                applicable.id(), new RolloutCommand.Apply(applicable.plan(), Caller.current())),
                        patience,
                        "rollout " + applicable.id());
            }
            return show(applicable.id());
        });
    }

    @Override
    public void get(GetRolloutRequest request, StreamObserver<Rollout> observer) {
        Unary.answer(observer, () -> reads.look(fleet -> RolloutWire.withVms(find(fleet, request.getId()))));
    }

    @Override
    public void list(ListRolloutsRequest request, StreamObserver<ListRolloutsResponse> observer) {
        Unary.answer(
                observer,
                () -> reads.look(fleet -> {
                    var answer = ListRolloutsResponse.newBuilder();
                    fleet.rollouts().forEach(r -> answer.addRollouts(RolloutWire.withoutVms(r)));
                    return answer.build();
                }));
    }

    @Override
    public void pause(SteerRequest request, StreamObserver<Rollout> observer) {
        steer(request, observer, new RolloutCommand.PauseRollout(request.getReason(), Caller.current()));
    }

    @Override
    public void resume(SteerRequest request, StreamObserver<Rollout> observer) {
        steer(request, observer, new RolloutCommand.Resume(Caller.current()));
    }

    @Override
    public void promote(SteerRequest request, StreamObserver<Rollout> observer) {
        steer(request, observer, new RolloutCommand.Promote(Caller.current()));
    }

    @Override
    public void abort(SteerRequest request, StreamObserver<Rollout> observer) {
        steer(request, observer, new RolloutCommand.Abort(request.getReason(), Caller.current()));
    }

    @Override
    public void retry(SteerRequest request, StreamObserver<Rollout> observer) {
        Unary.answer(observer, () -> steered(request, new RolloutCommand.Retry(vms(request), Caller.current())));
    }

    @Override
    public void revert(SteerRequest request, StreamObserver<Rollout> observer) {
        Unary.answer(observer, () -> {
            Rollout asked = steered(request, new RolloutCommand.Revert(vms(request), Caller.current()));
            RolloutId id = new RolloutId(asked.getId());
            // The way back is planned by the rollout; it begins at once unless VMs are still in flight.
            reads.awaitUntil(fleet ->
                    fleet.rollout(id).flatMap(RolloutsApi::answeredRevert).isPresent());
            Optional<RolloutState.Revert> revert = reads.look(fleet -> answeredRevert(find(fleet, id.value())));
            if (revert.isEmpty()) {
                return asked;
            }
            if (revert.get().refusal() != null) {
                throw Refused.of(revert.get().refusal());
            }
            return show(revert.get().rollout());
        });
    }

    @Override
    public void freeze(FreezeRequest request, StreamObserver<FreezeState> observer) {
        Unary.answer(observer, () -> {
            String reason = Input.required("reason", request.getReason(), "it is shown to everybody who waits");
            Replies.accepted(
                    entities.askBudget(new BudgetCommand.FreezeFleet(reason, Caller.current(), clock.instant())),
                    patience,
                    "the budget");
            return freezeState();
        });
    }

    @Override
    public void thaw(ThawRequest request, StreamObserver<FreezeState> observer) {
        Unary.answer(observer, () -> {
            Replies.accepted(entities.askBudget(new BudgetCommand.ThawFleet(Caller.current())), patience, "the budget");
            return freezeState();
        });
    }

    @Override
    public void getFreeze(GetFreezeRequest request, StreamObserver<FreezeState> observer) {
        Unary.answer(observer, this::freezeState);
    }

    private void steer(SteerRequest request, StreamObserver<Rollout> observer, RolloutCommand command) {
        Unary.answer(observer, () -> steered(request, command));
    }

    private Rollout steered(SteerRequest request, RolloutCommand command) throws InterruptedException {
        RolloutId id = reads.look(fleet -> find(fleet, request.getId()).id());
        Replies.accepted(entities.askRollout(id, command), patience, "rollout " + id);
        return show(id);
    }

    private Rollout show(RolloutId id) throws InterruptedException {
        return reads.look(fleet -> RolloutWire.withVms(find(fleet, id.value())));
    }

    private FreezeState freezeState() throws InterruptedException {
        return reads.look(fleet -> {
            Freeze freeze = fleet.budget().frozen();
            return freeze == null
                    ? FreezeState.getDefaultInstance()
                    : FreezeState.newBuilder()
                            .setFrozen(true)
                            .setReason(freeze.reason())
                            .setBy(freeze.by().name())
                            .setSince(Wire.timestamp(freeze.since()))
                            .build();
        });
    }

    /** @param underWay it is being carried out already, as {@code id} */
    private record Applicable(Plan plan, RolloutId id, boolean underWay) {}

    private Applicable applicable(ApplyRequest request, RolloutSpec spec, String yaml, FleetFacts fleet) {
        if (request.hasPlan()) {
            Optional<RolloutState> underWay =
                    carriedOut(fleet, request.getPlan().getId()).filter(rollout -> !rollout.isAtRest());
            if (underWay.isPresent() && underWay.get().plan() != null) {
                return new Applicable(underWay.get().plan(), underWay.get().id(), true);
            }
        }
        Plan now = planned(spec, yaml, fleet);
        if (request.hasPlan() && !sameBytes(request.getPlan(), now)) {
            throw Refused.precondition(Refusal.of(
                    "STALE_PLAN",
                    "Plan %s does not hold any more: the same intent gives plan %s now."
                            .formatted(request.getPlan().getId(), now.id()),
                    "neurath plan again, look at what changed, and apply that"));
        }
        return new Applicable(now, nextId(fleet, now.id()), false);
    }

    /** All but the place in the feed that it was made from, which changes with every event. */
    private static boolean sameBytes(dev.neurath.proto.v1.Plan given, Plan now) {
        return given.toBuilder()
                .setGeneration(now.generation())
                .build()
                .toByteString()
                .equals(PlanCodec.encode(now).toByteString());
    }

    /**
     * Agents try it on machines without a guest, where nobody has yet; a plan that is applied was tried when it was made. Where the direct way is closed, the
     * answers raise the next questions. Nothing is asked twice: who did not answer will not now.
     */
    private void findOut(RolloutSpec spec) throws InterruptedException {
        Set<ProofWanted> asked = new HashSet<>();
        long end = System.nanoTime() + proofs.patience().toNanos();
        boolean answered = true;
        while (answered) {
            List<ProofWanted> wanted = reads.decideFrom(fleet -> planner.proofsWanted(spec, fleet)).stream()
                    .filter(asked::add)
                    .toList();
            Duration left = Duration.ofNanos(end - System.nanoTime());
            answered = !wanted.isEmpty() && !left.isNegative() && proofs.learn(wanted, left);
        }
    }

    private Plan planned(RolloutSpec spec, String yaml, FleetFacts fleet) {
        return switch (planner.plan(spec, yaml, fleet)) {
            case Planned.Made made -> made.plan();
            case Planned.Refused refused -> throw Refused.of(refused.refusal());
        };
    }

    private static RolloutSpec parse(String yaml) {
        return switch (Intent.rollout(yaml)) {
            case Parsed.Read<RolloutSpec> read -> read.value();
            case Parsed.Invalid<RolloutSpec> invalid -> throw Refused.badInput(invalid.asOne());
        };
    }

    private static Optional<RolloutState> carriedOut(FleetFacts fleet, String plan) {
        return fleet.rollouts().stream()
                .filter(rollout -> rollout.plan() != null && rollout.plan().id().equals(plan))
                .reduce((earlier, later) -> later);
    }

    /** Of the plan, so that two nodes that are given the same plan at once make one rollout of it; numbered when it is applied again. */
    private static RolloutId nextId(FleetFacts fleet, String plan) {
        String stem = "r-" + plan.substring("p-".length(), "p-".length() + 8);
        for (int again = 1; ; again++) {
            RolloutId id = new RolloutId(again == 1 ? stem : stem + "-" + again);
            if (fleet.rollout(id).map(r -> !r.isAtRest()).orElse(true)) {
                return id;
            }
        }
    }

    private static List<VmId> vms(SteerRequest request) {
        return request.getVmsList().stream().map(Input::vm).toList();
    }

    private static Optional<RolloutState.Revert> answeredRevert(RolloutState rollout) {
        return Optional.ofNullable(rollout.revert()).filter(RolloutState.Revert::answered);
    }

    static RolloutState find(FleetFacts fleet, String text) {
        List<RolloutState> found = fleet.rollouts().stream()
                .filter(rollout -> rollout.id().value().startsWith(text))
                .toList();
        Optional<RolloutState> exact =
                found.stream().filter(r -> r.id().value().equals(text)).findFirst();
        if (exact.isPresent()) {
            return exact.get();
        }
        if (found.isEmpty() || text.isEmpty()) {
            throw Refused.notFound(
                    Refusal.of("ROLLOUT_UNKNOWN", "There is no rollout '%s'.".formatted(text), "neurath rollout list"));
        }
        if (found.size() > 1) {
            throw Refused.badInput(Refusal.of(
                    "ID_AMBIGUOUS",
                    "'%s' begins %d rollouts: %s."
                            .formatted(
                                    text,
                                    found.size(),
                                    found.stream()
                                            .limit(5)
                                            .map(r -> r.id().value())
                                            .reduce((a, b) -> a + ", " + b)
                                            .orElse("")),
                    "give more of it"));
        }
        return found.getFirst();
    }
}
