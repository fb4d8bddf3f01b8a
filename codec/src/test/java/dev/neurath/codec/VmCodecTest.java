package dev.neurath.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.neurath.model.Refusal;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.VmSnapshot;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class VmCodecTest {
    private static final int SAMPLES_PER_SUBTYPE = 50;

    /** One codec under test: its model type and both directions over the wire's bytes. */
    private record Wire<T, M extends Message>(
            Class<T> model, Function<T, M> encode, Function<M, T> decode, Set<String> optional) {
        @SuppressWarnings("unchecked")
        T decodeAny(Message message) {
            return decode.apply((M) message);
        }

        T overTheWire(T value) throws Exception {
            M message = encode.apply(value);
            return decodeAny(message.getParserForType().parseFrom(message.toByteString()));
        }
    }

    private static <T, M extends Message> Wire<T, M> wire(
            Class<T> model, Function<T, M> encode, Function<M, T> decode) {
        // Attempts that were written before there were rehearsals have none.
        return new Wire<>(model, encode, decode, Set.of("rehearsal"));
    }

    private static Stream<Wire<?, ?>> wires() {
        return Stream.of(
                wire(VmEvent.class, VmEventCodec::encode, VmEventCodec::decode),
                wire(VmFact.class, VmFactCodec::encode, VmFactCodec::decode),
                wire(VmOrder.class, VmOrderCodec::encode, VmOrderCodec::decode),
                wire(Outcome.class, VmCodec::encode, VmCodec::decode),
                wire(Pause.class, VmCodec::encode, VmCodec::decode),
                wire(VmSpec.class, VmCodec::encode, VmCodec::decode),
                wire(Attempt.class, VmCodec::encode, VmCodec::decode),
                wire(Revision.class, VmCodec::encode, VmCodec::decode),
                wire(QemuProcess.class, VmCodec::encode, VmCodec::decode),
                wire(Refusal.class, VmCodec::encode, VmCodec::decode),
                wire(FactStamp.class, VmCodec::encode, VmCodec::decode),
                wire(Outcome.Footprint.class, VmCodec::encode, VmCodec::decode),
                new Wire<>(
                        VmState.class,
                        VmStateCodec::encode,
                        (VmSnapshot m) -> VmStateCodec.decode(m),
                        Set.of(
                                "spec",
                                "revision",
                                "process",
                                "attempt",
                                "pause",
                                "last_end",
                                "rehearsal",
                                "adoption")));
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
        assertRefused(() -> VmEventCodec.decode(dev.neurath.proto.v1.VmEvent.getDefaultInstance()), "VmEvent.event");
        assertRefused(() -> VmFactCodec.decode(dev.neurath.proto.v1.VmFact.getDefaultInstance()), "VmFact.fact");
        assertRefused(() -> VmOrderCodec.decode(dev.neurath.proto.v1.VmOrder.getDefaultInstance()), "VmOrder.order");
        assertRefused(() -> VmCodec.decode(dev.neurath.proto.v1.Outcome.getDefaultInstance()), "Outcome.outcome");
        assertRefused(() -> VmCodec.decode(dev.neurath.proto.v1.Pause.getDefaultInstance()), "Pause.pause");
    }

    @Test
    void a_bad_id_generation_or_duration_is_refused() {
        var spec = VmCodec.encode(new Samples(1).of(VmSpec.class));
        assertRefused(() -> VmCodec.decode(spec.toBuilder().setId("../etc").build()), "VmSpec.id");
        assertRefused(() -> VmCodec.decode(spec.toBuilder().setRelease("").build()), "VmSpec.release");
        var order = VmOrderCodec.encode(new Samples(2).of(VmOrder.Stop.class));
        assertRefused(
                () -> VmOrderCodec.decode(order.toBuilder().setGeneration(-1).build()), "VmOrder.generation");
        var tooManyNanos = com.google.protobuf.Duration.newBuilder().setNanos(1_000_000_000);
        assertRefused(
                () -> VmCodec.decode(
                        spec.toBuilder().setPauseBudget(tooManyNanos).build()),
                "VmSpec.pause_budget");
        var endless = com.google.protobuf.Duration.newBuilder()
                .setSeconds(Long.MAX_VALUE)
                .setNanos(999_999_999);
        assertThat(VmCodec.decode(spec.toBuilder().setPauseBudget(endless).build())
                        .pauseBudget())
                .isEqualTo(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    }

    @Test
    void a_negative_duration_has_seconds_and_nanos_of_one_sign_on_the_wire() {
        var message = Fields.encode(Duration.ofMillis(-500));
        assertThat(message.getSeconds()).isZero();
        assertThat(message.getNanos()).isEqualTo(-500_000_000);
    }

    @Test
    void every_enum_value_comes_back_as_it_was() {
        for (VmPhase phase : VmPhase.values()) {
            assertThat(VmCodec.decode(VmCodec.encode(phase), "phase")).isEqualTo(phase);
        }
        for (Health health : Health.values()) {
            assertThat(VmCodec.decode(VmCodec.encode(health), "health")).isEqualTo(health);
        }
        for (Method method : Method.values()) {
            assertThat(VmCodec.decode(VmCodec.encode(method), "method")).isEqualTo(method);
        }
    }

    private static <T, M extends Message> void comesBack(Wire<T, M> wire, Class<?> subtype) throws Exception {
        for (int seed = 0; seed < SAMPLES_PER_SUBTYPE; seed++) {
            T value = wire.model().cast(new Samples(seed).of(subtype));
            assertThat(wire.overTheWire(value)).as("seed %d", seed).isEqualTo(value);
        }
    }

    private static <T, M extends Message> void refusesDamage(Wire<T, M> wire, Class<?> subtype) {
        for (int seed = 0; seed < SAMPLES_PER_SUBTYPE; seed++) {
            T value = wire.model().cast(new Samples(seed).of(subtype));
            for (Damage.Damaged damaged : Damage.each(wire.encode().apply(value))) {
                if (wire.optional().contains(damaged.field())) {
                    continue;
                }
                assertThatThrownBy(() -> wire.decodeAny(damaged.message()))
                        .as("seed %d, damaged %s", seed, damaged.field())
                        .isInstanceOfSatisfying(
                                MalformedMessage.class,
                                e -> assertThat(e.field()).endsWith("." + damaged.field()));
            }
        }
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String field) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MalformedMessage.class, e -> assertThat(e.field()).isEqualTo(field));
    }
}
