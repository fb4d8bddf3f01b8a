package dev.neurath.agent.adopt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qemu.QemuGraph;
import dev.neurath.agent.qmp.QmpConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/**
 * What is compared of a VM that others started beyond what every hand-over compares: that the second QEMU shows the guest the same processor and network,
 * lives in the same surroundings, and maps the same memory. The guest runs meanwhile.
 */
public final class AdoptedChecks {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private AdoptedChecks() {}

    /** @throws NotAdoptable naming the first difference */
    public static void same(
            int oldPid, QmpConnection old, int freshPid, QmpConnection fresh, QemuFacts facts, Path directory)
            throws IOException, NotAdoptable {
        GuestMemory memory = GuestMemory.of(oldPid, facts, 0, directory);
        if (!memory.sharedWith(freshPid)) {
            throw new NotAdoptable(
                    "MEMORY_NOT_SHARED", "Process %d does not map the guest's memory shared.".formatted(freshPid));
        }
        Optional<String> machine = QemuGraph.difference(words(old), words(fresh));
        if (machine.isPresent()) {
            throw new NotAdoptable("MACHINE_DIFFERS", "The new QEMU has built another machine: " + machine.get());
        }
        placeVcpus(vcpus(old), oldPid, vcpus(fresh), freshPid);
        Surroundings its = surroundings(oldPid);
        Optional<String> other = its.differs(surroundings(freshPid));
        if (other.isPresent()) {
            throw new NotAdoptable("SURROUNDINGS", "The new QEMU's " + other.get() + ".");
        }
    }

    private static Surroundings surroundings(int pid) throws IOException, NotAdoptable {
        return Surroundings.of(pid)
                .orElseThrow(() -> new NotAdoptable("SURROUNDINGS", "Process %d is gone.".formatted(pid)));
    }

    private static String words(QmpConnection connection) throws IOException {
        try {
            var words = new ArrayList<>(new CpuModel(connection, LIMIT).words());
            words.addAll(networks(connection));
            return String.join("\n", words);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** No command of QMP lists network back-ends; the monitor's own words do, as "name: index=0,type=tap,…". */
    private static List<String> networks(QmpConnection connection) {
        String text = connection
                .execute("human-monitor-command", Map.of("command-line", "info network"), LIMIT)
                .join()
                .asText();
        return text.lines()
                .map(line -> line.strip().replaceFirst("^\\\\ ", "of it: "))
                .filter(line -> line.contains("type="))
                .map(line -> "network "
                        + (line.contains("type=nic") ? line : line.replaceFirst("(type=[a-z0-9-]+)(,.*)?$", "$1")))
                .toList();
    }

    /** vCPU number to the thread that runs it. */
    private static Map<Integer, Integer> vcpus(QmpConnection connection) throws IOException {
        var threads = new TreeMap<Integer, Integer>();
        try {
            for (JsonNode vcpu :
                    connection.execute("query-cpus-fast", Map.of(), LIMIT).join()) {
                threads.put(
                        vcpu.path("cpu-index").asInt(), vcpu.path("thread-id").asInt());
            }
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
        return threads;
    }

    private static void placeVcpus(Map<Integer, Integer> old, int oldPid, Map<Integer, Integer> fresh, int freshPid)
            throws IOException, NotAdoptable {
        for (Map.Entry<Integer, Integer> vcpu : old.entrySet()) {
            Integer thread = fresh.get(vcpu.getKey());
            if (thread == null) {
                throw new NotAdoptable("MACHINE_DIFFERS", "The new QEMU has no vCPU %d.".formatted(vcpu.getKey()));
            }
            ThreadPlace its = ThreadPlace.of(oldPid, vcpu.getValue());
            if (!its.equals(ThreadPlace.of(freshPid, thread))) {
                its.give(thread);
            }
            ThreadPlace given = ThreadPlace.of(freshPid, thread);
            if (!its.equals(given)) {
                throw new NotAdoptable(
                        "SURROUNDINGS", "vCPU %d is placed as %s instead of %s.".formatted(vcpu.getKey(), given, its));
            }
        }
    }
}
