package dev.neurath.codec;

import dev.neurath.model.vm.Outcome;
import dev.neurath.proto.v1.Outcome.AsItWas;
import dev.neurath.proto.v1.Outcome.DoubleRun;
import dev.neurath.proto.v1.Outcome.Gone;
import dev.neurath.proto.v1.Outcome.GoneWithHost;
import dev.neurath.proto.v1.Outcome.Lost;
import dev.neurath.proto.v1.Outcome.Upgraded;

/** How an attempt ended, as the agent's DONE record and its report say it. */
final class OutcomeCodec {
    private OutcomeCodec() {}

    static dev.neurath.proto.v1.Outcome encode(Outcome outcome) {
        var out = dev.neurath.proto.v1.Outcome.newBuilder();
        switch (outcome) {
            case Outcome.Upgraded o ->
                out.setUpgraded(Upgraded.newBuilder()
                        .setPause(VmCodec.encode(o.pause()))
                        .setRevision(VmCodec.encode(o.revision()))
                        .setProcess(VmCodec.encode(o.process()))
                        .setFootprint(VmCodec.encode(o.footprint())));
            case Outcome.AsItWas o ->
                out.setAsItWas(AsItWas.newBuilder()
                        .setPause(VmCodec.encode(o.pause()))
                        .setReason(o.reason())
                        .setSentence(o.sentence())
                        .setReachedSwitching(o.reachedSwitching()));
            case Outcome.Gone o ->
                out.setGone(Gone.newBuilder().setReason(o.reason()).setSentence(o.sentence()));
            case Outcome.Lost o -> out.setLost(Lost.newBuilder().setSentence(o.sentence()));
            case Outcome.GoneWithHost o -> out.setGoneWithHost(GoneWithHost.getDefaultInstance());
            case Outcome.DoubleRun o -> out.setDoubleRun(DoubleRun.newBuilder().setSentence(o.sentence()));
        }
        return out.build();
    }

    static Outcome decode(dev.neurath.proto.v1.Outcome message) {
        return switch (message.getOutcomeCase()) {
            case UPGRADED -> {
                Upgraded m = message.getUpgraded();
                yield new Outcome.Upgraded(
                        VmCodec.pause(m.hasPause(), m.getPause(), "Outcome.Upgraded.pause"),
                        VmCodec.revision(m.hasRevision(), m.getRevision(), "Outcome.Upgraded.revision"),
                        VmCodec.process(m.hasProcess(), m.getProcess(), "Outcome.Upgraded.process"),
                        VmCodec.footprint(m.hasFootprint(), m.getFootprint(), "Outcome.Upgraded.footprint"));
            }
            case AS_IT_WAS -> {
                AsItWas m = message.getAsItWas();
                yield new Outcome.AsItWas(
                        VmCodec.pause(m.hasPause(), m.getPause(), "Outcome.AsItWas.pause"),
                        m.getReason(),
                        m.getSentence(),
                        m.getReachedSwitching());
            }
            case GONE ->
                new Outcome.Gone(
                        message.getGone().getReason(), message.getGone().getSentence());
            case LOST -> new Outcome.Lost(message.getLost().getSentence());
            case GONE_WITH_HOST -> new Outcome.GoneWithHost();
            case DOUBLE_RUN -> new Outcome.DoubleRun(message.getDoubleRun().getSentence());
            case OUTCOME_NOT_SET -> throw MalformedMessage.missing("Outcome.outcome");
        };
    }
}
