package dev.neurath.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.codec.Samples;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import dev.neurath.persistence.events.EventSerializer;
import dev.neurath.persistence.kryo.KryoSerializer;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class VmSerializationTest {
    private static final int SAMPLES = 20;
    private static ActorTestKit kit;
    private static Serialization serialization;

    // Here and not in the field: a failed test is run again in the same JVM, after stop().
    @BeforeAll
    static void start() {
        kit = ActorTestKit.create();
        serialization = SerializationExtension.get(kit.system());
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @TestFactory
    Stream<DynamicTest> every_command_reaches_a_vm_on_another_node_as_it_was_sent() {
        var replyTo = kit.<VmActor.Reply>createTestProbe().getRef();
        return Samples.records(VmCommand.class).stream()
                .map(type -> DynamicTest.dynamicTest(type.getName(), () -> {
                    for (int seed = 0; seed < SAMPLES; seed++) {
                        var command = (VmCommand) new Samples(seed).of(type);
                        assertTravels(new VmActor.Request(command, replyTo), KryoSerializer.class);
                        assertTravels(new VmActor.Tell(command), KryoSerializer.class);
                    }
                }));
    }

    @Test
    void every_answer_comes_back_as_it_was_given() throws Exception {
        for (int seed = 0; seed < SAMPLES; seed++) {
            var samples = new Samples(seed);
            assertTravels(new VmActor.Accepted(samples.of(VmState.class)), KryoSerializer.class);
            assertTravels(samples.of(VmActor.Refused.class), KryoSerializer.class);
            assertTravels(samples.of(VmActor.Unavailable.class), KryoSerializer.class);
        }
        assertTravels(new VmActor.Wake(), KryoSerializer.class);
        assertTravels(new VmActor.Get(kit.<VmActor.Reply>createTestProbe().getRef()), KryoSerializer.class);
    }

    @TestFactory
    Stream<DynamicTest> every_event_and_snapshot_is_stored_as_protobuf() {
        return Stream.concat(Samples.records(VmEvent.class).stream(), Stream.of(VmState.class))
                .map(type -> DynamicTest.dynamicTest(type.getName(), () -> {
                    for (int seed = 0; seed < SAMPLES; seed++) {
                        assertTravels(new Samples(seed).of(type), EventSerializer.class);
                    }
                }));
    }

    private static void assertTravels(Object message, Class<?> serializer) throws Exception {
        var used = serialization.serializerFor(message.getClass());
        assertThat(used).isInstanceOf(serializer);
        byte[] bytes = serialization.serialize(message).get();
        String manifest = Serializers.manifestFor(used, message);
        Object back =
                serialization.deserialize(bytes, used.identifier(), manifest).get();
        assertThat(back).isEqualTo(message);
    }
}
