package dev.neurath.codec;

import static dev.neurath.codec.Fields.require;

import dev.neurath.model.budget.Budget;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.budget.Freeze;
import dev.neurath.model.budget.Token;
import dev.neurath.model.budget.TokenRequest;
import dev.neurath.proto.v1.BudgetEvent.FleetBudgetSet;
import dev.neurath.proto.v1.BudgetEvent.Frozen;
import dev.neurath.proto.v1.BudgetEvent.Thawed;
import dev.neurath.proto.v1.BudgetEvent.TokenGranted;
import dev.neurath.proto.v1.BudgetEvent.TokenReleased;

/** The budget's events, model to journal and back. */
public final class BudgetCodec {
    private BudgetCodec() {}

    public static dev.neurath.proto.v1.BudgetEvent encode(BudgetEvent event) {
        var out = dev.neurath.proto.v1.BudgetEvent.newBuilder();
        switch (event) {
            case BudgetEvent.TokenGranted e -> {
                TokenRequest place = e.token().place();
                out.setTokenGranted(TokenGranted.newBuilder()
                        .setNumber(e.token().number())
                        .setRollout(e.token().rollout().value())
                        .setVm(place.vm().value())
                        .setHost(place.host().value())
                        .setRack(place.rack())
                        .setZone(place.zone())
                        .setLimits(encode(e.token().limits())));
            }
            case BudgetEvent.TokenReleased e ->
                out.setTokenReleased(
                        TokenReleased.newBuilder().setVm(e.vm().value()).setNumber(e.number()));
            case BudgetEvent.Frozen e ->
                out.setFrozen(Frozen.newBuilder()
                        .setReason(e.freeze().reason())
                        .setBy(e.freeze().by().name())
                        .setSince(Fields.encode(e.freeze().since())));
            case BudgetEvent.Thawed e -> out.setThawed(Thawed.newBuilder().setBy(e.by().name()));
            case BudgetEvent.FleetBudgetSet e ->
                out.setFleetBudgetSet(FleetBudgetSet.newBuilder()
                        .setBudget(encode(e.budget()))
                        .setBy(e.by().name()));
        }
        return out.build();
    }

    public static BudgetEvent decode(dev.neurath.proto.v1.BudgetEvent message) {
        return switch (message.getEventCase()) {
            case TOKEN_GRANTED -> {
                TokenGranted m = message.getTokenGranted();
                require(m.hasLimits(), "BudgetEvent.TokenGranted.limits");
                yield new BudgetEvent.TokenGranted(new Token(
                        m.getNumber(),
                        Fields.rollout(m.getRollout(), "BudgetEvent.TokenGranted.rollout"),
                        new TokenRequest(
                                Fields.vm(m.getVm(), "BudgetEvent.TokenGranted.vm"),
                                Fields.host(m.getHost(), "BudgetEvent.TokenGranted.host"),
                                m.getRack(),
                                m.getZone()),
                        decode(m.getLimits(), "BudgetEvent.TokenGranted.limits")));
            }
            case TOKEN_RELEASED ->
                new BudgetEvent.TokenReleased(
                        Fields.vm(message.getTokenReleased().getVm(), "BudgetEvent.TokenReleased.vm"),
                        message.getTokenReleased().getNumber());
            case FROZEN -> {
                Frozen m = message.getFrozen();
                yield new BudgetEvent.Frozen(new Freeze(
                        m.getReason(),
                        Fields.actor(m.getBy()),
                        Fields.instant(m.hasSince(), m.getSince(), "BudgetEvent.Frozen.since")));
            }
            case THAWED ->
                new BudgetEvent.Thawed(Fields.actor(message.getThawed().getBy()));
            case FLEET_BUDGET_SET -> {
                FleetBudgetSet m = message.getFleetBudgetSet();
                require(m.hasBudget(), "BudgetEvent.FleetBudgetSet.budget");
                yield new BudgetEvent.FleetBudgetSet(
                        decode(m.getBudget(), "BudgetEvent.FleetBudgetSet.budget"), Fields.actor(m.getBy()));
            }
            case EVENT_NOT_SET -> throw MalformedMessage.noKind(message, "BudgetEvent.event");
        };
    }

    private static dev.neurath.proto.v1.BudgetEvent.Budget encode(Budget budget) {
        return dev.neurath.proto.v1.BudgetEvent.Budget.newBuilder()
                .setVmsInFlight(budget.vmsInFlight())
                .setHostsBusy(budget.hostsBusy())
                .setPerHost(budget.perHost())
                .setPerRack(budget.perRack())
                .setPerZone(budget.perZone())
                .build();
    }

    private static Budget decode(dev.neurath.proto.v1.BudgetEvent.Budget message, String field) {
        try {
            return new Budget(
                    message.getVmsInFlight(),
                    message.getHostsBusy(),
                    message.getPerHost(),
                    message.getPerRack(),
                    message.getPerZone());
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage(field, e);
        }
    }
}
