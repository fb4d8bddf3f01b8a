package dev.neurath.model.rollout;

import dev.neurath.model.HostId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Cuts assignments into waves by host, in the order of the hosts' ids. Every assignment comes into exactly one wave, or the cut fails. */
sealed interface Waves {
    record Cut(List<Plan.Wave> waves) implements Waves {}

    /** @param at the wave after which VMs were left over */
    record Uncovered(int vms, At at) implements Waves {}

    static Waves cut(List<WaveSpec> wanted, List<Plan.Assignment> assignments) {
        Map<HostId, List<Plan.Assignment>> left = new LinkedHashMap<>();
        assignments.stream()
                .sorted(Comparator.comparing(Plan.Assignment::host).thenComparing(Plan.Assignment::vm))
                .forEach(part -> left.computeIfAbsent(part.host(), h -> new ArrayList<>())
                        .add(part));
        int allHosts = left.size();
        var waves = new ArrayList<Plan.Wave>();
        for (int i = 0; i < wanted.size(); i++) {
            WaveSpec spec = wanted.get(i);
            String name = spec.name().isEmpty() ? "wave-" + i : spec.name();
            List<List<Plan.Assignment>> taken = take(left, spec.hosts().of(allHosts, left.size()), spec.vms());
            int size = spec.size() > 0 ? spec.size() : Math.max(1, taken.size());
            for (int from = 0; from < taken.size(); from += size) {
                List<Plan.Assignment> parts = taken.subList(from, Math.min(taken.size(), from + size)).stream()
                        .flatMap(List::stream)
                        .toList();
                String numbered = taken.size() > size ? name + "-" + (from / size + 1) : name;
                waves.add(new Plan.Wave(numbered, spec.bake(), spec.manual(), parts));
            }
        }
        return left.isEmpty()
                ? new Cut(waves)
                : new Uncovered(
                        left.values().stream().mapToInt(List::size).sum(),
                        wanted.isEmpty() ? At.NOWHERE : wanted.getLast().at());
    }

    /** Takes the first {@code hosts} hosts, and of them the first {@code vms} VMs (0 = all): what is not taken stays for a later wave. */
    private static List<List<Plan.Assignment>> take(Map<HostId, List<Plan.Assignment>> left, int hosts, int vms) {
        var taken = new ArrayList<List<Plan.Assignment>>();
        int room = vms > 0 ? vms : Integer.MAX_VALUE;
        for (HostId host : List.copyOf(left.keySet()).subList(0, hosts)) {
            if (room == 0) {
                break;
            }
            List<Plan.Assignment> there = left.get(host);
            if (there == null) {
                continue;
            }
            List<Plan.Assignment> now = List.copyOf(there.subList(0, Math.min(room, there.size())));
            room -= now.size();
            taken.add(now);
            there.subList(0, now.size()).clear();
            if (there.isEmpty()) {
                left.remove(host);
            }
        }
        return taken;
    }
}
