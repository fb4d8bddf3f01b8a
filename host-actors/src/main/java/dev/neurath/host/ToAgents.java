package dev.neurath.host;

import dev.neurath.codec.VmCodec;
import dev.neurath.codec.VmOrderCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.proto.v1.FactAcknowledged;
import dev.neurath.proto.v1.Heartbeat;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.Welcome;
import java.time.Duration;
import java.util.Map;

/** What a node says to an agent, as messages. */
final class ToAgents {
    private ToAgents() {}

    static ToAgent welcome(
            String session, String node, int linkVersion, Duration silenceLimit, Map<VmId, Generation> floors) {
        var welcome = Welcome.newBuilder()
                .setSession(session)
                .setNode(node)
                .setLinkVersion(linkVersion)
                .setSilenceLimit(VmCodec.encode(silenceLimit));
        floors.forEach((vm, generation) -> welcome.putFloors(vm.value(), generation.value()));
        return ToAgent.newBuilder().setWelcome(welcome).build();
    }

    static ToAgent releases(ReleaseCatalog releases) {
        return ToAgent.newBuilder().setReleases(releases).build();
    }

    static ToAgent order(AgentSession.Order order, Duration startBefore) {
        return ToAgent.newBuilder()
                .setOrder(OrderMessage.newBuilder()
                        .setSession(order.session())
                        .setVm(order.vm().value())
                        .setStartBefore(VmCodec.encode(startBefore))
                        .setOrder(VmOrderCodec.encode(order.order())))
                .build();
    }

    static ToAgent acknowledged(AgentSession.Acknowledge acknowledge) {
        var acknowledged = FactAcknowledged.newBuilder()
                .setVm(acknowledge.vm().value())
                .setStamp(VmCodec.encode(acknowledge.stamp()));
        if (acknowledge.disowned() != null) {
            acknowledged.setDisowned(VmCodec.encode(acknowledge.disowned()));
        }
        return ToAgent.newBuilder().setAcknowledged(acknowledged).build();
    }

    static ToAgent prove(String id, ProofWanted wanted) {
        return ToAgent.newBuilder()
                .setProve(dev.neurath.proto.v1.Prove.newBuilder()
                        .setId(id)
                        .setVm(wanted.vm().value())
                        .setFromRelease(wanted.way().getFirst().value())
                        .setToRelease(wanted.way().getLast().value())
                        .addAllOver(wanted.way().subList(1, wanted.way().size() - 1).stream()
                                .map(ReleaseId::value)
                                .toList())
                        .setShape(wanted.shape()))
                .build();
    }

    /** @param id under which the answer comes back; whatever stood there is replaced */
    static ToAgent question(String id, Question question) {
        return ToAgent.newBuilder().setQuestion(question.toBuilder().setId(id)).build();
    }

    /** The same sequence comes back. */
    static ToAgent heartbeat(Heartbeat heartbeat) {
        return ToAgent.newBuilder().setHeartbeat(heartbeat).build();
    }
}
