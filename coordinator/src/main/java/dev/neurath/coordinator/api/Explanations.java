package dev.neurath.coordinator.api;

import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.HostEntry;
import dev.neurath.coordinator.fleet.Subject;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostState;
import dev.neurath.model.vm.VmPhase;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Finds what somebody asks about, by id, by the beginning of one, or by reason code, and explains it. */
final class Explanations {
    private final Clock clock;
    private final ReasonCodes codes = ReasonCodes.load();

    Explanations(Clock clock) {
        this.clock = clock;
    }

    Explanation of(String text, FleetFacts fleet) {
        if (text.isBlank()) {
            throw Refused.badInput(Refusal.of(
                    "INPUT_INVALID",
                    "subject must not be empty: an id of a VM, host or rollout, the beginning of one, or a reason code.",
                    "give one"));
        }
        Instant now = clock.instant();
        List<Subject> candidates = candidates(text, fleet);
        if (candidates.size() == 1) {
            return of(candidates.getFirst(), fleet, now);
        }
        if (candidates.isEmpty()) {
            return codes.explain(text, fleet)
                    .orElseThrow(() -> Refused.notFound(Refusal.of(
                            "SUBJECT_UNKNOWN",
                            "There is no VM, host, rollout or reason code '%s'.".formatted(text),
                            "neurath vm list, neurath host list, neurath rollout list")));
        }
        throw Refused.badInput(Refusal.of(
                "ID_AMBIGUOUS",
                "'%s' may be any of %d: %s."
                        .formatted(
                                text,
                                candidates.size(),
                                candidates.stream()
                                        .limit(5)
                                        .map(Subject::toString)
                                        .collect(Collectors.joining(", "))),
                "give more of it, or its kind, for example vm/" + text));
    }

    /** An exact id hides longer ones that begin with it. */
    private static List<Subject> candidates(String text, FleetFacts fleet) {
        int slash = text.indexOf('/');
        String kind = slash < 0 ? "" : text.substring(0, slash);
        String id = text.substring(slash + 1);
        List<Subject> found = fleet.startingWith(id).stream()
                .filter(subject -> kind.isEmpty() || subject.kind().equals(kind))
                .toList();
        List<Subject> exact =
                found.stream().filter(subject -> subject.id().equals(id)).toList();
        return exact.isEmpty() ? found : exact;
    }

    private static Explanation of(Subject subject, FleetFacts fleet, Instant now) {
        return switch (subject.kind()) {
            case Subject.VM -> VmExplanation.of(fleet.vm(new VmId(subject.id())).orElseThrow(), fleet, now);
            case Subject.HOST -> host(fleet.host(new HostId(subject.id())).orElseThrow(), fleet, now);
            default ->
                RolloutExplanation.of(fleet.rollout(new RolloutId(subject.id())).orElseThrow(), fleet, now);
        };
    }

    private static Explanation host(HostEntry entry, FleetFacts fleet, Instant now) {
        HostState host = entry.state();
        List<VmEntry> vms = fleet.vms().stream()
                .filter(vm -> host.id().equals(vm.state().host()) && vm.state().phase() != VmPhase.GONE)
                .toList();
        long uncertain = vms.stream()
                .filter(vm -> vm.state().phase() == VmPhase.UNCERTAIN)
                .count();
        String cordoned = host.cordon() == null ? "" : ", cordoned (" + host.cordon() + ")";
        var can = new ArrayList<String>();
        if (host.cordon() != null) {
            can.add("neurath host uncordon " + host.id());
        }
        String happened = switch (host.phase()) {
            case CONNECTED -> "Its agent is connected.";
            case UNREACHABLE -> {
                can.add("look at the host and at its agent's log");
                can.add("neurath host declare-dead " + host.id()
                        + " --evidence 'powered off'   # only if you know that it is dead");
                yield "Its agent does not call any more.";
            }
            case DECLARED_DEAD ->
                "It was declared dead by %s: %s"
                        .formatted(
                                host.declaredBy() == null
                                        ? "somebody"
                                        : host.declaredBy().name(),
                                host.death());
            case ABSENT -> "No agent of this name ever called.";
        };
        can.add("neurath vm list --host " + host.id());
        return new Explanation(
                "Host %s is %s%s %s."
                        .formatted(host.id(), host.phase(), cordoned, Explanation.since(entry.since(), now)),
                happened,
                host.phase() == dev.neurath.model.host.HostPhase.CONNECTED
                        ? "Its %d VMs run.".formatted(vms.size())
                        : "Its %d VMs run on without the coordinator; hand-overs in flight end by themselves, in upgraded or as it was."
                                .formatted(vms.size()),
                uncertain == 0
                        ? "Nothing that is in flight."
                        : "%d VMs are UNCERTAIN until its agent answers; their rollouts wait for them."
                                .formatted(uncertain),
                can);
    }
}
