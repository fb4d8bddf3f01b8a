package dev.neurath.coordinator.api;

import dev.neurath.coordinator.rollout.EntityReply;
import dev.neurath.host.HostActor;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** What entities answer, as a value or a status. */
final class Replies {
    private Replies() {}

    /** @return how many events it took; 0 = nothing had to change */
    static int accepted(CompletionStage<EntityReply> reply, Duration patience, String who) throws InterruptedException {
        return switch (Unary.await(reply, patience, who)) {
            case EntityReply.Accepted accepted -> accepted.events();
            case EntityReply.Refused refused -> throw Refused.of(refused.refusal());
            case EntityReply.Unavailable unavailable -> throw Refused.unavailable(unavailable.reason());
        };
    }

    static void hostAccepted(CompletionStage<HostActor.Reply> reply, Duration patience, String who)
            throws InterruptedException {
        switch (Unary.await(reply, patience, who)) {
            case HostActor.Accepted accepted -> {}
            case HostActor.Answered answered -> throw new IllegalStateException("a command was answered as a question");
            case HostActor.Refused refused -> throw Refused.of(refused.refusal());
            case HostActor.Unavailable unavailable -> throw Refused.unavailable(unavailable.reason());
            case HostActor.Proved proved -> throw new IllegalStateException("not an answer to a command: " + proved);
        }
    }
}
