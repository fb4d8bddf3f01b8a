package dev.neurath.coordinator.api;

import dev.neurath.coordinator.feed.ProofText;
import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.rollout.FleetPlanner;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.release.Release;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where a VM could go: each method to each other registered release, with the verdict of a plan made now and the evidence behind it. It asks no agent. */
final class VmWays {
    private VmWays() {}

    static List<String> of(VmState vm, FleetFacts fleet) {
        if (vm.revision() == null || vm.spec() == null) {
            return List.of();
        }
        ReleaseId from = vm.revision().release();
        String shape = Shape.of(vm.spec());
        var ways = new ArrayList<String>();
        for (Release to : fleet.catalog().releases().values()) {
            if (to.id().equals(from)) {
                continue;
            }
            for (Plan.Candidate candidate : FleetPlanner.candidates(vm, to, fleet)) {
                ways.add("to release %s by %s: %s".formatted(to.id(), word(candidate), verdict(candidate)));
            }
            fleet.catalog().proofs().stream()
                    .filter(proof -> proof.from().equals(from)
                            && proof.to().equals(to.id())
                            && proof.shape().equals(shape))
                    .flatMap(proof -> evidence(proof).stream())
                    .forEach(ways::add);
        }
        return ways;
    }

    private static List<String> evidence(Proof proof) {
        return ProofText.lines(proof).stream()
                .map(line -> "to release %s%s, evidence: %s".formatted(proof.to(), over(proof), line))
                .toList();
    }

    private static String over(Proof proof) {
        List<ReleaseId> between = proof.way().subList(1, proof.way().size() - 1);
        return between.isEmpty()
                ? ""
                : between.stream().map(ReleaseId::value).collect(Collectors.joining(", ", " over ", ""));
    }

    private static String word(Plan.Candidate candidate) {
        return candidate.method().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String verdict(Plan.Candidate candidate) {
        if (candidate.refusal() != null) {
            return "will not work, %s: %s"
                    .formatted(candidate.refusal().code(), candidate.refusal().sentence());
        }
        return candidate.rehearsal() == Rehearsal.DECIDES ? "the rehearsal decides" : "nothing known speaks against it";
    }
}
