package dev.neurath.host;

import dev.neurath.codec.MalformedMessage;
import dev.neurath.codec.ProofCodec;
import dev.neurath.codec.VmCodec;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.Proved;
import dev.neurath.proto.v1.ToAgent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What one session's agent was asked and has not answered. Whoever asked waits only so long, so what is lost here is asked again with the next plan.
 */
final class Questions {
    /** In {@link dev.neurath.proto.v1.Hello}: the agent takes {@link dev.neurath.proto.v1.Prove}. */
    static final String PROVE = "prove";

    /** In {@link dev.neurath.proto.v1.Hello}: the agent takes {@link dev.neurath.proto.v1.Question}. */
    static final String ANSWER = "answer";

    /** Whoever asked more than this has given up on most of them: each takes the agent some hundred milliseconds. */
    private static final int MOST = 256;

    private final Map<String, ActorRef<HostActor.Reply>> waiting = new HashMap<>();
    private long last;
    private boolean proves;
    private boolean answers;

    void agentCan(List<String> abilities) {
        proves = abilities.contains(PROVE);
        answers = abilities.contains(ANSWER);
    }

    /** @return what to send to the agent; empty if it was answered here */
    Optional<ToAgent> asked(AgentSession.Prove prove) {
        if (!proves || waiting.size() >= MOST) {
            prove.replyTo()
                    .tell(new HostActor.Unavailable(
                            proves
                                    ? "%d questions wait for this agent already".formatted(MOST)
                                    : "this agent does not try hand-overs without a guest"));
            return Optional.empty();
        }
        String id = Long.toString(++last);
        waiting.put(id, prove.replyTo());
        return Optional.of(ToAgents.prove(id, prove.wanted()));
    }

    /** @return what to send to the agent; empty if it was answered here */
    Optional<ToAgent> asked(AgentSession.Ask ask) {
        if (!answers || waiting.size() >= MOST) {
            ask.replyTo()
                    .tell(
                            new HostActor.Unavailable(
                                    answers
                                            ? "%d questions wait for this agent already".formatted(MOST)
                                            : "this agent takes no questions: install the one that belongs to this coordinator"));
            return Optional.empty();
        }
        String id = Long.toString(++last);
        waiting.put(id, ask.replyTo());
        return Optional.of(ToAgents.question(id, ask.question()));
    }

    /** An answer to what nobody asked is dropped. */
    void answered(Answer answer) {
        ActorRef<HostActor.Reply> asker = waiting.remove(answer.getId());
        if (asker != null) {
            asker.tell(new HostActor.Answered(answer));
        }
    }

    /** An answer to what nobody asked is dropped. */
    void answered(Proved answer) {
        ActorRef<HostActor.Reply> asker = waiting.remove(answer.getId());
        if (asker == null) {
            return;
        }
        asker.tell(
                switch (answer.getAnswerCase()) {
                    case PROOF -> new HostActor.Proved(ProofCodec.decode(answer.getProof()));
                    case UNANSWERED -> new HostActor.Refused(VmCodec.decode(answer.getUnanswered()));
                    case ANSWER_NOT_SET -> throw new MalformedMessage("Proved.answer", "is missing");
                });
    }

    void ended() {
        waiting.values().forEach(asker -> asker.tell(new HostActor.Unavailable("the agent's session ended")));
        waiting.clear();
    }
}
