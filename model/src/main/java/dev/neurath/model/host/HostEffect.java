package dev.neurath.model.host;

import dev.neurath.model.Actor;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import java.util.List;

/** What follows from a host's durable event. All of them may be run again after a crash. */
public sealed interface HostEffect {
    /**
     * Answer the agent's Hello.
     *
     * @param vms those whose generation floors the agent needs
     * @param unknownLog true if its log is not the one known before: it stays read-only until the floors are with it
     */
    record Welcome(Session session, List<VmId> vms, boolean unknownLog) implements HostEffect {
        public Welcome {
            vms = List.copyOf(vms);
        }
    }

    /** End the stream of a session that was replaced. */
    record EndSession(String session, Refusal why) implements HostEffect {}

    /** Hand the evidence to each VM; one that is still in an attempt refuses it until it is UNCERTAIN, so it is repeated. */
    record DeclareVmsDead(List<VmId> vms, String evidence, Actor by) implements HostEffect {
        public DeclareVmsDead {
            vms = List.copyOf(vms);
        }
    }
}
