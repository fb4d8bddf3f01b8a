package dev.neurath.coordinator.rollout;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.codec.PlanCodec;
import dev.neurath.codec.ProofCodec;
import dev.neurath.codec.ReleaseCodec;
import dev.neurath.model.budget.Budget;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.budget.TokenRequest;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.release.PairRefusal;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseCommand;
import dev.neurath.model.release.ReleaseFacts;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.RolloutCommand;
import dev.neurath.persistence.kryo.KryoIds;
import dev.neurath.persistence.kryo.KryoRegistration;

/** What rollouts, budget and catalog are sent from other nodes: numbers 400 to 499, the model's 500 to 599. Numbers are for ever. */
public final class EntityRegistrations implements KryoRegistration {
    @Override
    public void register(KryoIds ids) {
        // spotless:off
        ids.add(400, EntityMessage.Ask.class)
                .add(401, EntityMessage.Tell.class)
                .add(402, EntityMessage.Wake.class)
                .add(403, EntityReply.Accepted.class)
                .add(404, EntityReply.Refused.class)
                .add(405, EntityReply.Unavailable.class)
                .add(
                        500,
                        Plan.class,
                        new ByProtobuf<>(
                                PlanCodec::encode,
                                bytes -> PlanCodec.decode(dev.neurath.proto.v1.Plan.parseFrom(bytes))))
                .add(
                        501,
                        Release.class,
                        new ByProtobuf<>(
                                ReleaseCodec::encode,
                                bytes -> ReleaseCodec.decode(dev.neurath.proto.v1.Release.parseFrom(bytes))))
                .add(
                        502,
                        ReleaseFacts.class,
                        new ByProtobuf<>(
                                ReleaseCodec::encode,
                                bytes -> ReleaseCodec.decode(dev.neurath.proto.v1.Release.Facts.parseFrom(bytes))))
                .add(503, PairRefusal.class)
                .add(504, Budget.class)
                .add(
                        506,
                        Proof.class,
                        new ByProtobuf<>(
                                ProofCodec::encode,
                                bytes -> ProofCodec.decode(dev.neurath.proto.v1.Proof.parseFrom(bytes))))
                .add(507, ProofWanted.class)
                .add(505, TokenRequest.class)
                .add(510, RolloutCommand.Apply.class)
                .add(511, RolloutCommand.VmEnded.class)
                .add(512, RolloutCommand.VmRefused.class)
                .add(513, RolloutCommand.TokenGranted.class)
                .add(514, RolloutCommand.TokenDenied.class)
                .add(515, RolloutCommand.Tick.class)
                .add(516, RolloutCommand.PauseRollout.class)
                .add(517, RolloutCommand.Resume.class)
                .add(518, RolloutCommand.Promote.class)
                .add(519, RolloutCommand.Abort.class)
                .add(520, RolloutCommand.Retry.class)
                .add(521, RolloutCommand.Revert.class)
                .add(522, RolloutCommand.RevertAnswer.class)
                // 523 and 524 were in use.
                .add(530, BudgetCommand.Acquire.class)
                .add(531, BudgetCommand.Release.class)
                .add(532, BudgetCommand.FreezeFleet.class)
                .add(533, BudgetCommand.ThawFleet.class)
                .add(534, BudgetCommand.SetFleetBudget.class)
                .add(535, BudgetCommand.JournalBehind.class)
                .add(540, ReleaseCommand.Register.class)
                .add(541, ReleaseCommand.LearnFacts.class)
                .add(542, ReleaseCommand.LearnPairRefusal.class)
                .add(543, ReleaseCommand.LearnProof.class);
        // spotless:on
    }

    /** Deep or sorted ones travel as they are stored: Kryo would read a sorted map back as any map. */
    private static final class ByProtobuf<T> extends Serializer<T> {
        interface Encoding<T> {
            com.google.protobuf.Message of(T value);
        }

        interface Decoding<T> {
            T of(byte[] bytes) throws InvalidProtocolBufferException;
        }

        private final Encoding<T> encoding;
        private final Decoding<T> decoding;

        ByProtobuf(Encoding<T> encoding, Decoding<T> decoding) {
            super(false, true);
            this.encoding = encoding;
            this.decoding = decoding;
        }

        @Override
        public void write(Kryo kryo, Output output, T value) {
            byte[] bytes = encoding.of(value).toByteArray();
            output.writeVarInt(bytes.length, true);
            output.writeBytes(bytes);
        }

        @Override
        public T read(Kryo kryo, Input input, Class<? extends T> type) {
            try {
                return decoding.of(input.readBytes(input.readVarInt(true)));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("a %s is no protobuf: %s".formatted(type, e.getMessage()), e);
            }
        }
    }
}
