package dev.neurath.codec;

import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.VmOrder.Adopt;
import dev.neurath.proto.v1.VmOrder.Prepare;
import dev.neurath.proto.v1.VmOrder.Resolve;
import dev.neurath.proto.v1.VmOrder.Start;
import dev.neurath.proto.v1.VmOrder.Stop;
import dev.neurath.proto.v1.VmOrder.Switch;

/** Orders on the agents' link. */
public final class VmOrderCodec {
    private VmOrderCodec() {}

    public static dev.neurath.proto.v1.VmOrder encode(VmOrder order) {
        var out = dev.neurath.proto.v1.VmOrder.newBuilder()
                .setGeneration(order.generation().value());
        switch (order) {
            case VmOrder.Start o -> out.setStart(Start.newBuilder().setSpec(VmCodec.encode(o.spec())));
            case VmOrder.Adopt o ->
                out.setAdopt(
                        Adopt.newBuilder().setSpec(VmCodec.encode(o.spec())).setAdoption(VmCodec.encode(o.adoption())));
            case VmOrder.Stop o -> out.setStop(Stop.getDefaultInstance());
            case VmOrder.Prepare o -> out.setPrepare(Prepare.newBuilder().setAttempt(VmCodec.encode(o.attempt())));
            case VmOrder.Switch o -> out.setSwitch(Switch.getDefaultInstance());
            case VmOrder.Resolve o -> out.setResolve(Resolve.getDefaultInstance());
        }
        return out.build();
    }

    public static VmOrder decode(dev.neurath.proto.v1.VmOrder message) {
        var generation = Fields.generation(message.getGeneration(), "VmOrder.generation");
        return switch (message.getOrderCase()) {
            case START -> {
                Start m = message.getStart();
                yield new VmOrder.Start(generation, VmCodec.spec(m.hasSpec(), m.getSpec(), "VmOrder.Start.spec"));
            }
            case ADOPT -> {
                Adopt m = message.getAdopt();
                yield new VmOrder.Adopt(
                        generation,
                        VmCodec.spec(m.hasSpec(), m.getSpec(), "VmOrder.Adopt.spec"),
                        VmCodec.adoption(m.hasAdoption(), m.getAdoption(), "VmOrder.Adopt.adoption"));
            }
            case STOP -> new VmOrder.Stop(generation);
            case PREPARE -> {
                Prepare m = message.getPrepare();
                yield new VmOrder.Prepare(
                        generation, VmCodec.attempt(m.hasAttempt(), m.getAttempt(), "VmOrder.Prepare.attempt"));
            }
            case SWITCH -> new VmOrder.Switch(generation);
            case RESOLVE -> new VmOrder.Resolve(generation);
            case ORDER_NOT_SET -> throw MalformedMessage.missing("VmOrder.order");
        };
    }
}
