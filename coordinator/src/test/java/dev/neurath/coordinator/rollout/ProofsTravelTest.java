package dev.neurath.coordinator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.neurath.host.HostActor;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Probe;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.proof.Verdict;
import dev.neurath.model.release.ReleaseCommand;
import dev.neurath.model.vm.Method;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A plan is made on any node, the host is another's, and the catalog a third one's. */
@Timeout(60)
class ProofsTravelTest {
    private static final List<ReleaseId> WAY =
            List.of(new ReleaseId("old"), new ReleaseId("mid"), new ReleaseId("new"));
    private static final Proof PROOF = new Proof(
            WAY,
            "s-1",
            List.of(
                    new Finding(Probe.CLONE, Method.SHARED_RAM, Verdict.WILL, "", ""),
                    new Finding(Probe.SCHEMA, null, Verdict.WONT, "X", "why")));

    @Test
    void questions_and_answers_of_any_length_travel_between_nodes() throws Exception {
        ActorTestKit kit = ActorTestKit.create(ConfigFactory.load());
        try {
            var serialization = SerializationExtension.get(kit.system());
            var replyTo = kit.<HostActor.Reply>createTestProbe().getRef();
            for (List<ReleaseId> way : List.of(WAY, WAY.subList(0, 2))) {
                var wanted = new ProofWanted(new HostId("h1"), new VmId("vm1"), way, "s-1");
                for (Object message : List.of(
                        new HostActor.Prove(wanted, replyTo),
                        new HostActor.Proved(PROOF),
                        new EntityMessage.Tell<>(new ReleaseCommand.LearnProof(PROOF)))) {
                    var used = serialization.serializerFor(message.getClass());
                    Object back = serialization
                            .deserialize(
                                    serialization.serialize(message).get(),
                                    used.identifier(),
                                    Serializers.manifestFor(used, message))
                            .get();
                    assertThat(back).isEqualTo(message);
                }
            }
        } finally {
            kit.shutdownTestKit();
        }
    }
}
