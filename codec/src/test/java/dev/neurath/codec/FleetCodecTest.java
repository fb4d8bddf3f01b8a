package dev.neurath.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.HostState;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseEvent;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.Progress;
import dev.neurath.model.rollout.RolloutEvent;
import dev.neurath.model.rollout.RolloutPhase;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Hosts, releases, budget and rollouts on the wire and in the journal. */
class FleetCodecTest {
    private static final int SAMPLES_PER_SUBTYPE = 50;

    private record Wire<T, M extends Message>(
            Class<T> model, Function<T, M> encode, Function<M, T> decode, Set<String> optional) {
        @SuppressWarnings("unchecked")
        T decodeAny(Message message) {
            return decode.apply((M) message);
        }

        T sample(int seed, Class<?> subtype) {
            return model.cast(new Samples(seed).of(subtype));
        }
    }

    private static Stream<Wire<?, ?>> wires() {
        return Stream.of(
                new Wire<>(HostEvent.class, HostCodec::encode, HostCodec::decode, Set.of()),
                new Wire<>(HostFacts.class, HostCodec::encode, HostCodec::decode, Set.of()),
                new Wire<>(HostState.class, HostStateCodec::encode, HostStateCodec::decode, Set.of("session", "facts")),
                new Wire<>(Release.class, ReleaseCodec::encode, ReleaseCodec::decode, Set.of("facts")),
                new Wire<>(
                        ReleaseEvent.Registered.class,
                        ReleaseCodec::encode,
                        (dev.neurath.proto.v1.ReleaseEvent m) -> (ReleaseEvent.Registered) ReleaseCodec.decode(m),
                        Set.of("facts")),
                new Wire<>(
                        ReleaseEvent.FactsLearnt.class,
                        ReleaseCodec::encode,
                        (dev.neurath.proto.v1.ReleaseEvent m) -> (ReleaseEvent.FactsLearnt) ReleaseCodec.decode(m),
                        Set.of()),
                new Wire<>(
                        ReleaseEvent.PairRefused.class,
                        ReleaseCodec::encode,
                        (dev.neurath.proto.v1.ReleaseEvent m) -> (ReleaseEvent.PairRefused) ReleaseCodec.decode(m),
                        Set.of()),
                new Wire<>(
                        ReleaseEvent.ProofLearnt.class,
                        ReleaseCodec::encode,
                        (dev.neurath.proto.v1.ReleaseEvent m) -> (ReleaseEvent.ProofLearnt) ReleaseCodec.decode(m),
                        Set.of("method")),
                new Wire<>(BudgetEvent.class, BudgetCodec::encode, BudgetCodec::decode, Set.of()),
                new Wire<>(Plan.class, PlanCodec::encode, PlanCodec::decode, Set.of("pause")),
                new Wire<>(RolloutEvent.class, RolloutCodec::encode, RolloutCodec::decode, Set.of("pause", "refusal")));
    }

    @TestFactory
    Stream<DynamicTest> every_value_of_the_model_comes_back_as_it_was() {
        return wires().flatMap(wire -> Samples.records(wire.model()).stream()
                .map(subtype -> DynamicTest.dynamicTest(subtype.getName(), () -> comesBack(wire, subtype))));
    }

    @TestFactory
    Stream<DynamicTest> a_missing_part_or_unknown_enum_is_refused_by_the_name_of_its_field() {
        return wires().flatMap(wire -> Samples.records(wire.model()).stream()
                .map(subtype -> DynamicTest.dynamicTest(subtype.getName(), () -> refusesDamage(wire, subtype))));
    }

    @Test
    void a_message_without_its_oneof_is_refused() {
        var at = Fields.encode(java.time.Instant.EPOCH);
        assertThatThrownBy(() -> RolloutCodec.decode(
                        dev.neurath.proto.v1.RolloutEvent.newBuilder().setAt(at).build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("RolloutEvent.event");
        assertThatThrownBy(() -> HostCodec.decode(dev.neurath.proto.v1.HostEvent.getDefaultInstance()))
                .isInstanceOf(MalformedMessage.class);
        assertThatThrownBy(() -> BudgetCodec.decode(dev.neurath.proto.v1.BudgetEvent.getDefaultInstance()))
                .isInstanceOf(MalformedMessage.class);
        assertThatThrownBy(() -> ReleaseCodec.decode(dev.neurath.proto.v1.ReleaseEvent.getDefaultInstance()))
                .isInstanceOf(MalformedMessage.class);
    }

    @Test
    void a_plan_with_a_negative_limit_an_unknown_zone_or_a_vm_without_a_method_is_refused() {
        dev.neurath.proto.v1.Plan good = PlanCodec.encode(new Samples(3).of(Plan.class));
        var negative = good.toBuilder();
        negative.getLimitsBuilder().setPerRack(-1);
        assertThatThrownBy(() -> PlanCodec.decode(negative.build())).isInstanceOf(MalformedMessage.class);
        var nowhere = good.toBuilder();
        nowhere.addWindowsBuilder().addDays(1).setZone("Middle/Earth");
        assertThatThrownBy(() -> PlanCodec.decode(nowhere.build())).isInstanceOf(MalformedMessage.class);
        var helpless = good.toBuilder();
        helpless.addWavesBuilder()
                .setBake(com.google.protobuf.Duration.getDefaultInstance())
                .addAssignmentsBuilder()
                .setVm("v")
                .setHost("h")
                .setFromRelease("a")
                .setToRelease("b")
                .setPauseLimit(com.google.protobuf.Duration.getDefaultInstance());
        assertThatThrownBy(() -> PlanCodec.decode(helpless.build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("candidates");
    }

    @Test
    void every_progress_comes_back_and_every_phase_has_a_word_of_its_own() {
        for (Progress progress : Progress.values()) {
            assertThat(RolloutCodec.decode(RolloutCodec.encode(progress), "progress"))
                    .isEqualTo(progress);
        }
        assertThat(Arrays.stream(RolloutPhase.values()).map(RolloutCodec::encode))
                .doesNotHaveDuplicates();
    }

    private static <T, M extends Message> void comesBack(Wire<T, M> wire, Class<?> subtype) throws Exception {
        for (int seed = 0; seed < SAMPLES_PER_SUBTYPE; seed++) {
            T value = wire.sample(seed, subtype);
            M message = wire.encode().apply(value);
            assertThat(wire.decodeAny(message.getParserForType().parseFrom(message.toByteString())))
                    .as("seed %d", seed)
                    .isEqualTo(value);
        }
    }

    private static <T, M extends Message> void refusesDamage(Wire<T, M> wire, Class<?> subtype) {
        for (int seed = 0; seed < SAMPLES_PER_SUBTYPE; seed++) {
            for (Damage.Damaged damaged : Damage.each(wire.encode().apply(wire.sample(seed, subtype)))) {
                if (!wire.optional().contains(damaged.field())) {
                    assertThatThrownBy(() -> wire.decodeAny(damaged.message()))
                            .as("seed %d, damaged %s", seed, damaged.field())
                            .isInstanceOf(MalformedMessage.class);
                }
            }
        }
    }
}
