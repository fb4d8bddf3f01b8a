package dev.neurath.host;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.neurath.codec.HostStateCodec;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.HostState;
import dev.neurath.model.host.Session;
import dev.neurath.persistence.kryo.KryoIds;
import dev.neurath.persistence.kryo.KryoRegistration;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.HostSnapshot;
import dev.neurath.proto.v1.Question;

/** What hosts and agents' sessions say to other nodes: numbers 300 to 399. What they tell themselves never leaves the node and has none. */
public final class HostRegistrations implements KryoRegistration {
    @Override
    public void register(KryoIds ids) {
        ids.add(300, HostActor.Request.class)
                .add(301, HostActor.Tell.class)
                .add(302, HostActor.Get.class)
                .add(303, HostActor.Wake.class)
                .add(304, HostActor.Order.class)
                .add(305, HostActor.Acknowledge.class)
                .add(306, HostActor.Connect.class)
                .add(307, HostActor.Alive.class)
                .add(308, HostActor.Prove.class)
                .add(310, HostActor.Accepted.class)
                .add(311, HostActor.Refused.class)
                .add(312, HostActor.Unavailable.class)
                .add(313, HostActor.Proved.class)
                .add(309, HostActor.Ask.class)
                .add(314, HostActor.Answered.class)
                .add(320, AgentSession.Welcomed.class)
                .add(321, AgentSession.Refused.class)
                .add(322, AgentSession.Replaced.class)
                .add(323, AgentSession.TryElsewhere.class)
                .add(324, AgentSession.Order.class)
                .add(325, AgentSession.Acknowledge.class)
                .add(326, AgentSession.Prove.class)
                .add(327, AgentSession.Ask.class)
                .add(328, Question.class, new AsProtobuf<>(Question.parser()))
                .add(329, Answer.class, new AsProtobuf<>(Answer.parser()))
                .add(330, Session.class)
                .add(331, HostFacts.class)
                .add(332, HostState.class, new StateAsSnapshot())
                .add(340, HostCommand.Connect.class)
                .add(341, HostCommand.LoseSession.class)
                .add(342, HostCommand.Cordon.class)
                .add(343, HostCommand.Uncordon.class)
                .add(344, HostCommand.DeclareDead.class)
                .add(345, HostCommand.PlaceVm.class)
                .add(346, HostCommand.ForgetVm.class);
    }

    /** A message of the link, as it stands there. */
    private static final class AsProtobuf<M extends MessageLite> extends Serializer<M> {
        private final Parser<M> parser;

        AsProtobuf(Parser<M> parser) {
            super(false, true);
            this.parser = parser;
        }

        @Override
        public void write(Kryo kryo, Output output, M message) {
            byte[] bytes = message.toByteArray();
            output.writeVarInt(bytes.length, true);
            output.writeBytes(bytes);
        }

        @Override
        public M read(Kryo kryo, Input input, Class<? extends M> type) {
            try {
                return parser.parseFrom(input.readBytes(input.readVarInt(true)));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("no protobuf of %s: %s".formatted(type, e.getMessage()), e);
            }
        }
    }

    /** Its VMs are a sorted set, which Kryo would read back as any set. */
    private static final class StateAsSnapshot extends Serializer<HostState> {
        StateAsSnapshot() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, HostState host) {
            byte[] bytes = HostStateCodec.encode(host).toByteArray();
            output.writeVarInt(bytes.length, true);
            output.writeBytes(bytes);
        }

        @Override
        public HostState read(Kryo kryo, Input input, Class<? extends HostState> type) {
            try {
                return HostStateCodec.decode(HostSnapshot.parseFrom(input.readBytes(input.readVarInt(true))));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("a host's state is no protobuf: " + e.getMessage(), e);
            }
        }
    }
}
