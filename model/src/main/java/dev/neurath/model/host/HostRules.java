package dev.neurath.model.host;

import static dev.neurath.model.Kind.REST;
import static dev.neurath.model.host.HostPhase.ABSENT;
import static dev.neurath.model.host.HostPhase.CONNECTED;
import static dev.neurath.model.host.HostPhase.DECLARED_DEAD;
import static dev.neurath.model.host.HostPhase.UNREACHABLE;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.Refusal;
import dev.neurath.model.TransitionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A host's state machine: which agent may speak for it, and what may be placed on it.
 *
 * <p>At most one session counts at any time. Two agents under one id are told apart by the uuid of their log: a later start of the same log takes
 * over, another log is turned away while the first one lives. A host declared dead does not come back under the same boot id, because its VMs were
 * settled on the word that this boot had ended.
 *
 * <p>What becomes of its VMs is decided by each VM for itself.
 */
public final class HostRules {
    // spotless:off
    public static final TransitionTable<HostPhase, HostEvent> TABLE = TransitionTable.<HostPhase, HostEvent>builder()
            .row(ABSENT, HostEvent.Connected.class, CONNECTED, REST)

            // A later start of the same agent replaces the session that nobody has missed yet.
            .row(CONNECTED, HostEvent.Connected.class, CONNECTED, REST)
            .row(CONNECTED, HostEvent.SessionLost.class, UNREACHABLE, REST)
            .row(CONNECTED, HostEvent.Cordoned.class, CONNECTED, REST)
            .row(CONNECTED, HostEvent.Uncordoned.class, CONNECTED, REST)
            .row(CONNECTED, HostEvent.VmPlaced.class, CONNECTED, REST)
            .row(CONNECTED, HostEvent.VmRemoved.class, CONNECTED, REST)
            .row(UNREACHABLE, HostEvent.Connected.class, CONNECTED, REST)
            .row(UNREACHABLE, HostEvent.DeclaredDead.class, DECLARED_DEAD, REST)
            .row(UNREACHABLE, HostEvent.Cordoned.class, UNREACHABLE, REST)
            .row(UNREACHABLE, HostEvent.Uncordoned.class, UNREACHABLE, REST)
            .row(UNREACHABLE, HostEvent.VmRemoved.class, UNREACHABLE, REST)
            .row(DECLARED_DEAD, HostEvent.Connected.class, CONNECTED, REST)
            .row(DECLARED_DEAD, HostEvent.Cordoned.class, DECLARED_DEAD, REST)
            .row(DECLARED_DEAD, HostEvent.Uncordoned.class, DECLARED_DEAD, REST)
            .row(DECLARED_DEAD, HostEvent.VmRemoved.class, DECLARED_DEAD, REST)
            .build();
    // spotless:on

    private HostRules() {}

    public static Decision<HostEvent, HostEffect> decide(HostState host, HostCommand command) {
        return switch (command) {
            case HostCommand.Connect connect -> connect(host, connect);
            case HostCommand.LoseSession lost ->
                host.phase() == CONNECTED && isLive(host, lost.session())
                        ? then(host, new HostEvent.SessionLost(lost.session(), lost.reason()))
                        : Decision.ignore();
            case HostCommand.Cordon cordon -> cordon(host, cordon);
            case HostCommand.Uncordon uncordon -> uncordon(host, uncordon);
            case HostCommand.DeclareDead dead -> declareDead(host, dead);
            case HostCommand.PlaceVm place -> placeVm(host, place);
            case HostCommand.ForgetVm forget ->
                host.vms().contains(forget.vm()) ? then(host, new HostEvent.VmRemoved(forget.vm())) : Decision.ignore();
        };
    }

    /** What has to be repeated for a host in this state, after every recovery and from time to time. */
    public static List<HostEffect> effectsDue(HostState host) {
        if (host.phase() != DECLARED_DEAD || host.vms().isEmpty()) {
            return List.of();
        }
        String evidence = Objects.requireNonNull(host.death(), "evidence while DECLARED_DEAD");
        Actor by = Objects.requireNonNull(host.declaredBy(), "name while DECLARED_DEAD");
        return List.of(new HostEffect.DeclareVmsDead(List.copyOf(host.vms()), evidence, by));
    }

    private static Decision<HostEvent, HostEffect> connect(HostState host, HostCommand.Connect connect) {
        Session offered = connect.session();
        if (!connect.fleet().equals(host.fleet())) {
            return Decision.refuse(
                    "OTHER_FLEET",
                    "The agent of host %s belongs to fleet %s, and this is fleet %s."
                            .formatted(host.id(), connect.fleet(), host.fleet()),
                    "start the agent with --fleet " + host.fleet() + ", or point it at its own coordinator");
        }
        Session known = host.session();
        if (known == null) {
            return welcomed(host, connect, false, List.of());
        }
        boolean sameLog = known.logUuid().equals(offered.logUuid());
        if (host.phase() == CONNECTED && !sameLog) {
            return Decision.refuse(
                    "DUPLICATE_HOST",
                    "Another agent (log %s) holds host id %s in session %s; this one has log %s."
                            .formatted(known.logUuid(), host.id(), known.id(), offered.logUuid()),
                    "give one of the two agents another --host");
        }
        if (host.phase() == DECLARED_DEAD && known.bootId().equals(offered.bootId())) {
            return Decision.refuse(
                    "HOST_DECLARED_DEAD",
                    "Host %s was declared dead by %s (%s), yet its agent calls from the same boot: its VMs may still run."
                            .formatted(host.id(), host.declaredBy(), host.death()),
                    "look at its QEMU processes, then reboot the host");
        }
        // Facts of a VM are ordered by (incarnation, sequence): an agent that starts counting again would be late for
        // ever.
        boolean behind = offered.incarnation() < known.incarnation()
                || (!sameLog && offered.incarnation() == known.incarnation());
        if (behind) {
            return Decision.refuse(
                    "AGENT_BEHIND",
                    "The agent of host %s calls with incarnation %d, and %d was seen before: its state directory is old or new."
                            .formatted(host.id(), offered.incarnation(), known.incarnation()),
                    "restart the agent with an incarnation above " + known.incarnation());
        }
        if (host.phase() == CONNECTED && known.id().equals(offered.id())) {
            return Decision.accept(List.of(), List.of(welcome(host, known, false)));
        }
        List<HostEffect> replaced = host.phase() == CONNECTED
                ? List.of(new HostEffect.EndSession(
                        known.id(),
                        Refusal.of(
                                "SESSION_REPLACED",
                                "Session %s of host %s was replaced by session %s."
                                        .formatted(known.id(), host.id(), offered.id()),
                                "nothing to do")))
                : List.of();
        return welcomed(host, connect, !sameLog, replaced);
    }

    private static Decision<HostEvent, HostEffect> welcomed(
            HostState host, HostCommand.Connect connect, boolean unknownLog, List<HostEffect> before) {
        var effects = new ArrayList<>(before);
        effects.add(welcome(host, connect.session(), unknownLog));
        return Decision.accept(List.of(new HostEvent.Connected(connect.session(), connect.facts())), effects);
    }

    private static HostEffect welcome(HostState host, Session session, boolean unknownLog) {
        return new HostEffect.Welcome(session, List.copyOf(host.vms()), unknownLog);
    }

    private static Decision<HostEvent, HostEffect> cordon(HostState host, HostCommand.Cordon cordon) {
        if (host.phase() == ABSENT) {
            return unknown(host);
        }
        return cordon.reason().equals(host.cordon())
                ? Decision.ignore()
                : then(host, new HostEvent.Cordoned(cordon.reason(), cordon.by()));
    }

    private static Decision<HostEvent, HostEffect> uncordon(HostState host, HostCommand.Uncordon uncordon) {
        if (host.phase() == ABSENT) {
            return unknown(host);
        }
        return host.cordon() == null ? Decision.ignore() : then(host, new HostEvent.Uncordoned(uncordon.by()));
    }

    private static Decision<HostEvent, HostEffect> declareDead(HostState host, HostCommand.DeclareDead dead) {
        return switch (host.phase()) {
            case ABSENT -> unknown(host);
            case CONNECTED ->
                Decision.refuse(
                        "HOST_CONNECTED",
                        "Host %s is connected: its agent says that it lives.".formatted(host.id()),
                        "neurath host show " + host.id());
            case UNREACHABLE -> then(host, new HostEvent.DeclaredDead(dead.evidence(), dead.by()));
            case DECLARED_DEAD -> Decision.accept(List.of(), effectsDue(host));
        };
    }

    private static Decision<HostEvent, HostEffect> placeVm(HostState host, HostCommand.PlaceVm place) {
        if (host.vms().contains(place.vm())) {
            return Decision.ignore();
        }
        if (host.phase() == ABSENT) {
            return unknown(host);
        }
        if (host.phase() != CONNECTED) {
            return Decision.refuse(
                    "HOST_UNREACHABLE",
                    "Host %s is %s: nothing can be started on it.".formatted(host.id(), host.phase()),
                    "neurath host list");
        }
        if (host.cordon() != null) {
            return Decision.refuse(
                    "HOST_CORDONED",
                    "Host %s is cordoned: %s".formatted(host.id(), host.cordon()),
                    "neurath host uncordon " + host.id());
        }
        return then(host, new HostEvent.VmPlaced(place.vm()));
    }

    private static boolean isLive(HostState host, String session) {
        return host.session() != null && host.session().id().equals(session);
    }

    private static Decision<HostEvent, HostEffect> unknown(HostState host) {
        return Decision.refuse("HOST_UNKNOWN", "There is no host %s.".formatted(host.id()), "neurath host list");
    }

    private static Decision<HostEvent, HostEffect> then(HostState host, HostEvent event) {
        return Decision.accept(List.of(event), effectsDue(host.evolve(event)));
    }
}
