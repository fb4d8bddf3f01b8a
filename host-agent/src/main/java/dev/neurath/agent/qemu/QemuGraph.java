package dev.neurath.agent.qemu;

import dev.neurath.agent.qmp.QmpConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;

/**
 * The machine that a QEMU has built, as text that can be kept and compared: one fact a line, sorted. Version, runstate and jobs are left out, since they
 * are not part of the machine.
 */
public final class QemuGraph {
    public static final QemuFacts EMPTY =
            new QemuFacts("", "", "", "", 0, List.of(), List.of(), Map.of(), List.of(), List.of(), Set.of(), List.of());

    private QemuGraph() {}

    public static QemuFacts read(QmpConnection connection, Duration limit) throws IOException {
        try {
            return QemuFacts.read(connection, limit);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    public static String canonical(QemuFacts facts) {
        var lines = new ArrayList<String>();
        lines.add("machine " + facts.machine());
        lines.add("vcpus " + facts.vcpus());
        facts.blockNodes().forEach(node -> lines.add("block node " + node));
        facts.drives().forEach(drive -> lines.add("drive " + drive));
        new TreeMap<>(facts.chardevs()).forEach((label, kind) -> lines.add("chardev " + label + " " + kind));
        facts.memory().forEach(memory -> lines.add("memory " + memory));
        facts.pci().forEach(device -> lines.add("pci " + device));
        new TreeSet<>(facts.peripherals()).forEach(name -> lines.add("device " + name));
        return String.join("\n", lines);
    }

    /** @return the first lines that only one of the two has, in words */
    public static Optional<String> difference(String expected, String found) {
        List<String> missing = new ArrayList<>(expected.lines().toList());
        List<String> extra = new ArrayList<>();
        found.lines().forEach(line -> {
            if (!missing.remove(line)) {
                extra.add(line);
            }
        });
        if (missing.isEmpty() && extra.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of((missing.isEmpty() ? "" : "missing " + missing.getFirst())
                + (missing.isEmpty() || extra.isEmpty() ? "" : "; ")
                + (extra.isEmpty() ? "" : "found " + extra.getFirst()));
    }
}
