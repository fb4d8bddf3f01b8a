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
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The machine that a QEMU has built, as text that can be kept and compared: one fact a line, sorted. Version, runstate and jobs are left out, since they
 * are not part of the machine.
 */
public final class QemuGraph {
    public static final QemuFacts EMPTY = new QemuFacts(
            "", "", "", "", 0, List.of(), List.of(), Map.of(), List.of(), List.of(), Set.of(), List.of(), List.of());

    private static final String PLACE = "place ";
    /** What earlier builds wrote of devices behind bridges, by the numbers that a guest had given to their buses; a second root has a number of its own. */
    private static final Pattern BEHIND_A_BRIDGE = Pattern.compile("pci PciDevice\\[bus=[1-9].*");

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
        facts.places()
                .forEach(place -> lines.add(PLACE + place.device() + " on " + place.bus() + " at " + place.address()));
        return String.join("\n", lines);
    }

    /** The lines of {@link #canonical} that earlier builds know, which compare all of them. */
    public static String withoutPlaces(String canonical) {
        return without(canonical, line -> line.startsWith(PLACE));
    }

    /** The others. */
    public static String placesIn(String canonical) {
        return without(canonical, line -> !line.startsWith(PLACE));
    }

    /**
     * {@link #difference} to what was recorded of a machine, perhaps by a build that wrote down no places.
     *
     * @param places empty if there are none, or nobody wrote them down
     * @return the first lines that only one of the two has, in words
     */
    public static Optional<String> changed(String recorded, String places, QemuFacts now) {
        String found = canonical(now);
        return places.isEmpty()
                ? difference(withoutGuestsNumbers(recorded), withoutGuestsNumbers(withoutPlaces(found)))
                : difference(recorded + "\n" + places, found);
    }

    private static String withoutGuestsNumbers(String lines) {
        return without(lines, line -> BEHIND_A_BRIDGE.matcher(line).matches());
    }

    private static String without(String lines, Predicate<String> left) {
        return lines.lines().filter(left.negate()).collect(Collectors.joining("\n"));
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
