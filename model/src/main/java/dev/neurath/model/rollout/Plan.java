package dev.neurath.model.rollout;

import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout will do, to whom, in which order, and why not to the rest. Immutable; the same intent and fleet give the same id.
 *
 * @param id {@code p-} and the first hex digits of the SHA-256 of the rest, but for {@code generation}
 * @param generation of the fleet that it was made from; other changes in the fleet leave the plan valid
 * @param release that every VM shall run; of a way back to several: the first of them
 * @param yaml the intent it was made from; empty for a way back
 */
public record Plan(
        String id,
        FleetId fleet,
        long generation,
        String name,
        ReleaseId release,
        String toVersion,
        List<Wave> waves,
        List<Skip> skipped,
        Limits limits,
        SortedMap<String, String> labels,
        List<Window> windows,
        String yaml) {
    public Plan {
        waves = List.copyOf(waves);
        skipped = List.copyOf(skipped);
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        windows = List.copyOf(windows);
    }

    Plan withId(String newId) {
        return new Plan(
                newId, fleet, generation, name, release, toVersion, waves, skipped, limits, labels, windows, yaml);
    }

    /** VMs that go together, and how long to watch them before the next wave. */
    public record Wave(String name, Duration bake, boolean manual, List<Assignment> assignments) {
        public Wave {
            assignments = List.copyOf(assignments);
        }
    }

    /**
     * One VM's part.
     *
     * @param hops its way, each from where the one before led; usually one
     */
    public record Assignment(VmId vm, HostId host, String rack, String zone, List<Hop> hops, Duration pauseLimit) {
        public Assignment {
            hops = List.copyOf(hops);
            if (hops.isEmpty()) {
                throw new IllegalArgumentException("VM " + vm + " has no way");
            }
        }

        public ReleaseId from() {
            return hops.getFirst().from();
        }

        public ReleaseId to() {
            return hops.getLast().to();
        }

        public boolean isLast(int hop) {
            return hop == hops.size() - 1;
        }
    }

    /**
     * One hand-over of a VM's way.
     *
     * @param fromVersion what its running QEMU must say of itself when it begins
     * @param candidates in the order in which they are tried; those with a refusal are not
     */
    public record Hop(ReleaseId from, String fromVersion, ReleaseId to, List<Candidate> candidates) {
        public Hop {
            candidates = List.copyOf(candidates);
        }

        /** @return what may be tried, in order; never empty in a plan */
        public List<Method> methods() {
            return tried().stream().map(Candidate::method).toList();
        }

        /** @return what may be tried, in order; never empty in a plan */
        public List<Candidate> tried() {
            return candidates.stream()
                    .filter(candidate -> candidate.refusal() == null)
                    .toList();
        }
    }

    /**
     * @param refusal why not, or null
     * @param rehearsal to be held before
     */
    public record Candidate(Method method, @Nullable Refusal refusal, Rehearsal rehearsal) {}

    /** A VM that was selected and is left alone. */
    public record Skip(VmId vm, @Nullable HostId host, Refusal refusal) {}
}
