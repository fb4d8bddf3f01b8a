package dev.neurath.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.codec.Samples;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.HostState;
import dev.neurath.model.host.Session;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.persistence.events.EventSerializer;
import dev.neurath.persistence.kryo.KryoSerializer;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.Question;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HostSerializationTest {
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

    @Test
    void what_a_host_hears_and_says_travels_between_nodes() throws Exception {
        var replyTo = kit.<HostActor.Reply>createTestProbe().getRef();
        var agent = kit.<AgentSession.Message>createTestProbe().getRef();
        for (int seed = 0; seed < SAMPLES; seed++) {
            var samples = new Samples(seed);
            for (Class<?> type : Samples.records(HostCommand.class)) {
                var command = (HostCommand) samples.of(type);
                assertTravels(new HostActor.Request(command, replyTo), KryoSerializer.class);
                assertTravels(new HostActor.Tell(command), KryoSerializer.class);
            }
            var facts = samples.of(HostFacts.class);
            for (Object message : List.of(
                    new HostActor.Get(replyTo),
                    new HostActor.Wake(),
                    new HostActor.Ask(Question.newBuilder().setId("q" + seed).build(), replyTo),
                    new HostActor.Answered(Answer.newBuilder().setId("q" + seed).build()),
                    new AgentSession.Ask(
                            "session", Question.newBuilder().setId("q" + seed).build(), replyTo),
                    new HostActor.Order(samples.of(VmId.class), samples.of(VmOrder.class)),
                    samples.of(HostActor.Acknowledge.class),
                    new HostActor.Connect(samples.of(FleetId.class), samples.of(Session.class), facts, agent),
                    new HostActor.Alive("session", facts, agent),
                    new HostActor.Accepted(samples.of(HostState.class), facts),
                    new HostActor.Accepted(samples.of(HostState.class), null),
                    samples.of(HostActor.Refused.class),
                    samples.of(HostActor.Unavailable.class))) {
                assertTravels(message, KryoSerializer.class);
            }
        }
    }

    @Test
    void what_a_session_hears_travels_between_nodes() throws Exception {
        for (int seed = 0; seed < SAMPLES; seed++) {
            var samples = new Samples(seed);
            for (Class<?> type : Samples.records(VmOrder.class)) {
                assertTravels(
                        new AgentSession.Order("session", samples.of(VmId.class), (VmOrder) samples.of(type)),
                        KryoSerializer.class);
            }
            for (Object message : List.of(
                    new AgentSession.Welcomed(Map.of(samples.of(VmId.class), samples.of(Generation.class))),
                    new AgentSession.Refused(samples.of(Refusal.class)),
                    new AgentSession.Replaced(samples.of(Refusal.class)),
                    new AgentSession.TryElsewhere("the journal is gone"),
                    new AgentSession.Acknowledge(
                            samples.of(VmId.class), samples.of(FactStamp.class), samples.of(Refusal.class)),
                    new AgentSession.Acknowledge(samples.of(VmId.class), samples.of(FactStamp.class), null))) {
                assertTravels(message, KryoSerializer.class);
            }
        }
    }

    @Test
    void events_and_snapshots_are_stored_as_protobuf() throws Exception {
        for (Class<?> type : Stream.concat(Samples.records(HostEvent.class).stream(), Stream.of(HostState.class))
                .toList()) {
            for (int seed = 0; seed < SAMPLES; seed++) {
                assertTravels(new Samples(seed).of(type), EventSerializer.class);
            }
        }
    }

    private static void assertTravels(Object message, Class<?> serializer) throws Exception {
        var used = serialization.serializerFor(message.getClass());
        assertThat(used).isInstanceOf(serializer);
        byte[] bytes = serialization.serialize(message).get();
        Object back = serialization
                .deserialize(bytes, used.identifier(), Serializers.manifestFor(used, message))
                .get();
        assertThat(back).isEqualTo(message);
    }
}
