package dev.neurath.model.fleet;

import dev.neurath.model.HostId;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.host.HostState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A host as the planner sees it.
 *
 * @param cordon why nothing new may begin here, or null
 */
public record HostView(
        HostId id, boolean connected, @Nullable String cordon, HostFacts facts) {
    /** A host whose agent never told anything. */
    public static final HostFacts NO_FACTS = new HostFacts(Map.of(), 0, 0, 0, 0, "", "");

    public static HostView of(HostState host) {
        HostFacts facts = host.facts();
        return new HostView(
                host.id(), host.phase() == HostPhase.CONNECTED, host.cordon(), facts == null ? NO_FACTS : facts);
    }

    /** With facts fresher than the durable ones. */
    public HostView with(HostFacts fresher) {
        return new HostView(id, connected, cordon, fresher);
    }
}
