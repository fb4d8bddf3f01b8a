package dev.neurath.coordinator.rollout;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.neurath.codec.BudgetCodec;
import dev.neurath.codec.ReleaseCodec;
import dev.neurath.codec.RolloutCodec;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.release.ReleaseEvent;
import dev.neurath.model.rollout.RolloutEvent;
import dev.neurath.persistence.events.EventCodec;
import dev.neurath.persistence.events.EventCodecSource;
import java.util.List;

/** How the events of rollouts, budget and catalog are written in the journal. */
public final class EntityEventCodecs implements EventCodecSource {
    @Override
    public List<EventCodec<?>> codecs() {
        return List.of(
                new ByProtobuf<>(
                        "rollout",
                        RolloutEvent.class,
                        RolloutCodec::encode,
                        bytes -> RolloutCodec.decode(dev.neurath.proto.v1.RolloutEvent.parseFrom(bytes))),
                new ByProtobuf<>(
                        "budget",
                        BudgetEvent.class,
                        BudgetCodec::encode,
                        bytes -> BudgetCodec.decode(dev.neurath.proto.v1.BudgetEvent.parseFrom(bytes))),
                new ByProtobuf<>(
                        "release",
                        ReleaseEvent.class,
                        ReleaseCodec::encode,
                        bytes -> ReleaseCodec.decode(dev.neurath.proto.v1.ReleaseEvent.parseFrom(bytes))));
    }

    private interface Encoding<E> {
        Message of(E event);
    }

    private interface Decoding<E> {
        E of(byte[] payload) throws InvalidProtocolBufferException;
    }

    /** The first version of each. */
    private record ByProtobuf<E>(String type, Class<E> eventClass, Encoding<E> encoding, Decoding<E> decoding)
            implements EventCodec<E> {
        @Override
        public int version() {
            return 1;
        }

        @Override
        public byte[] encode(E event) {
            return encoding.of(event).toByteArray();
        }

        @Override
        public E decode(byte[] payload) {
            try {
                return decoding.of(payload);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException(
                        "an event of type %s is no protobuf: %s".formatted(type, e.getMessage()), e);
            }
        }
    }
}
