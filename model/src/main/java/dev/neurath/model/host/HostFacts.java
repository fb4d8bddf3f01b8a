package dev.neurath.model.host;

import java.util.Map;

/**
 * What an agent tells of its host.
 *
 * @param freeRamFilesBytes free space where the RAM files of guests lie (tmpfs or hugetlbfs)
 * @param accel {@code kvm} if /dev/kvm opens, else {@code tcg}
 */
public record HostFacts(
        Map<String, String> labels,
        int cpus,
        long memoryBytes,
        long freeMemoryBytes,
        long freeRamFilesBytes,
        String kernel,
        String accel) {
    public HostFacts {
        labels = Map.copyOf(labels);
    }

    /** @return the failure domain, or empty: a host without the label shares its rack with nobody */
    public String rack() {
        return labels.getOrDefault("rack", "");
    }

    /** @return the failure domain, or empty: a host without the label shares its zone with nobody */
    public String zone() {
        return labels.getOrDefault("zone", "");
    }
}
