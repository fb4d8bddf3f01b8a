package dev.neurath.coordinator.feed;

import dev.neurath.model.HostId;
import dev.neurath.model.host.HostEvent;

/** One sentence per kind of host event. */
final class HostSentences {
    private HostSentences() {}

    static Sentence of(HostId host, HostEvent event) {
        return switch (event) {
            case HostEvent.Connected e ->
                Sentence.info("Host %s is connected: agent %s, start %d, session %s."
                        .formatted(
                                host,
                                e.session().agentVersion(),
                                e.session().incarnation(),
                                e.session().id()));
            case HostEvent.SessionLost e ->
                Sentence.warning(
                        "HOST_UNREACHABLE",
                        "Host %s is unreachable, its guests run on: %s"
                                .formatted(host, VmSentences.dotted(e.reason())));
            case HostEvent.Cordoned e ->
                Sentence.info(
                                "HOST_CORDONED",
                                "Host %s is cordoned: %s".formatted(host, VmSentences.dotted(e.reason())))
                        .by(e.by().name());
            case HostEvent.Uncordoned e ->
                Sentence.info("Host %s is not cordoned any more.".formatted(host))
                        .by(e.by().name());
            case HostEvent.DeclaredDead e ->
                Sentence.error(
                                "HOST_DECLARED_DEAD",
                                "Host %s was declared dead: %s".formatted(host, VmSentences.dotted(e.evidence())))
                        .by(e.by().name());
            case HostEvent.VmPlaced e -> Sentence.info("VM %s is placed on host %s.".formatted(e.vm(), host));
            case HostEvent.VmRemoved e -> Sentence.info("VM %s is not on host %s any more.".formatted(e.vm(), host));
        };
    }
}
