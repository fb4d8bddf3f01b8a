package dev.neurath.agent.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What a running QEMU says of itself, by commands that change nothing.
 *
 * <p>Lists are sorted, and what differs between two QEMUs of the same machine by nature (addresses, generated names, peers of
 * sockets) is left out, so that two of these can be compared. They are several answers and not one instant.
 *
 * @param status the runstate of query-status
 * @param machine exact machine type
 * @param memory RAM back-ends
 * @param pci devices on buses that are there from the start. What is behind a bridge is left out: QEMU lists it only once the guest has numbered the bridge's
 *     bus, and by that number
 * @param places where devices that were asked for are plugged in
 * @param jobs block and other jobs, by id and type
 */
public record QemuFacts(
        String version,
        String packageVersion,
        String status,
        String machine,
        int vcpus,
        List<BlockNode> blockNodes,
        List<Drive> drives,
        Map<String, String> chardevs,
        List<MemoryBackend> memory,
        List<PciDevice> pci,
        Set<String> peripherals,
        List<Place> places,
        List<String> jobs) {
    private static final String PERIPHERAL = "/machine/peripheral";

    /** @param file where it is stored, as QEMU names it */
    public record BlockNode(String name, String driver, String file, boolean readOnly) {}

    /** @param node the block node that is inserted now, empty for an empty drive */
    public record Drive(String device, String node) {}

    /** @param path empty for anonymous memory */
    public record MemoryBackend(String id, long bytes, boolean shared, String path) {}

    public record PciDevice(int bus, int slot, int function, String id, int vendor, int device, int deviceClass) {}

    /**
     * Where a device is plugged in, by what the command line made of it and not by what the guest calls it.
     *
     * @param device its QOM path
     * @param bus the bus's name, behind the device that has it if that was asked for too
     * @param address on that bus; empty where devices have none
     */
    public record Place(String device, String bus, String address) {}

    /**
     * The state of query-migrate and what speaks against a migration now.
     *
     * @param status none, setup, active, device, completed, failed, cancelling, cancelled, …; "none" when there was none
     */
    public record Migration(
            String status, Optional<String> error, List<String> blockedReasons, long transferredBytes) {}

    /** With the files that it names made absolute, as a process that lives in {@code directory} means them. */
    public QemuFacts in(Path directory) {
        return new QemuFacts(
                version,
                packageVersion,
                status,
                machine,
                vcpus,
                blockNodes.stream()
                        .map(node -> new BlockNode(
                                node.name(), node.driver(), absolute(node.file(), directory), node.readOnly()))
                        .toList(),
                drives,
                chardevs,
                memory.stream()
                        .map(backend -> new MemoryBackend(
                                backend.id(), backend.bytes(), backend.shared(), absolute(backend.path(), directory)))
                        .toList(),
                pci,
                peripherals,
                places,
                jobs);
    }

    /** What is not a path stays: an empty drive, and names that QEMU composed itself. */
    private static String absolute(String file, Path directory) {
        return file.isEmpty() || file.matches("(?s)[a-z][a-z0-9+.-]*:.*")
                ? file
                : directory.resolve(file).normalize().toString();
    }

    /** Leaves out one character device. */
    public QemuFacts without(String chardev) {
        var others = new java.util.TreeMap<>(chardevs);
        others.remove(chardev);
        return new QemuFacts(
                version,
                packageVersion,
                status,
                machine,
                vcpus,
                blockNodes,
                drives,
                others,
                memory,
                pci,
                peripherals,
                places,
                jobs);
    }

    private record Answers(QmpConnection connection, Duration limit) {
        CompletableFuture<JsonNode> ask(String command) {
            return connection.execute(command, Map.of(), limit);
        }
    }

    /** The runstate alone. */
    public static CompletableFuture<String> status(QmpConnection connection, Duration limit) {
        return new Answers(connection, limit)
                .ask("query-status")
                .thenApply(answer -> answer.path("status").asText());
    }

    public static CompletableFuture<Migration> migration(QmpConnection connection, Duration limit) {
        return new Answers(connection, limit).ask("query-migrate").thenApply(answer -> {
            List<String> blocked = new ArrayList<>();
            answer.path("blocked-reasons").forEach(reason -> blocked.add(reason.asText()));
            return new Migration(
                    answer.path("status").asText("none"),
                    answer.has("error-desc")
                            ? Optional.of(answer.path("error-desc").asText())
                            : Optional.empty(),
                    List.copyOf(blocked),
                    answer.path("ram").path("transferred").asLong());
        });
    }

    /** All of it, one question after the other; blocks. */
    public static QemuFacts read(QmpConnection connection, Duration limit) {
        Answers answers = new Answers(connection, limit);
        JsonNode version = answers.ask("query-version").join();
        String machine = get(connection, "/machine", "type", limit);
        return new QemuFacts(
                QemuAbilities.versionOf(version),
                version.path("package").asText(),
                answers.ask("query-status").join().path("status").asText(),
                machine.endsWith("-machine") ? machine.substring(0, machine.length() - "-machine".length()) : machine,
                answers.ask("query-cpus-fast").join().size(),
                blockNodes(connection
                        .execute("query-named-block-nodes", Map.of("flat", true), limit)
                        .join()),
                drives(answers.ask("query-block").join()),
                chardevs(answers.ask("query-chardev").join()),
                memory(connection, answers.ask("query-memdev").join(), limit),
                pci(answers.ask("query-pci").join()),
                peripherals(connection
                        .execute("qom-list", Map.of("path", PERIPHERAL), limit)
                        .join()),
                places(connection, limit),
                jobs(answers.ask("query-jobs").join()));
    }

    private static List<BlockNode> blockNodes(JsonNode answer) {
        List<BlockNode> nodes = new ArrayList<>();
        for (JsonNode node : answer) {
            nodes.add(new BlockNode(
                    stableName(node.path("node-name").asText()),
                    node.path("drv").asText(),
                    node.path("image").path("filename").asText(),
                    node.path("ro").asBoolean()));
        }
        nodes.sort(Comparator.comparing(BlockNode::name).thenComparing(BlockNode::file));
        return List.copyOf(nodes);
    }

    /** QEMU numbers unnamed nodes with a random part. */
    private static String stableName(String name) {
        return name.startsWith("#") ? "#" : name;
    }

    private static List<Drive> drives(JsonNode answer) {
        List<Drive> drives = new ArrayList<>();
        for (JsonNode drive : answer) {
            String device = drive.path("device").asText();
            drives.add(new Drive(
                    device.isEmpty() ? drive.path("qdev").asText() : device,
                    stableName(drive.path("inserted").path("node-name").asText())));
        }
        drives.sort(Comparator.comparing(Drive::device));
        return List.copyOf(drives);
    }

    private static Map<String, String> chardevs(JsonNode answer) {
        Map<String, String> chardevs = new java.util.TreeMap<>();
        for (JsonNode chardev : answer) {
            // Behind the kind stand paths and peers, which differ between the sides of a hand-over.
            String filename = chardev.path("filename").asText();
            int colon = filename.indexOf(':');
            String kind = colon < 0 ? filename : filename.substring(0, colon);
            chardevs.put(chardev.path("label").asText(), kind.startsWith("disconnected") ? "unix" : kind);
        }
        return Map.copyOf(chardevs);
    }

    private static List<MemoryBackend> memory(QmpConnection connection, JsonNode answer, Duration limit) {
        List<MemoryBackend> backends = new ArrayList<>();
        for (JsonNode backend : answer) {
            String id = backend.path("id").asText();
            boolean hasPath = connection
                    .execute("qom-list", Map.of("path", "/objects/" + id), limit)
                    .join()
                    .findValuesAsText("name")
                    .contains("mem-path");
            backends.add(new MemoryBackend(
                    id,
                    backend.path("size").asLong(),
                    backend.path("share").asBoolean(),
                    hasPath ? get(connection, "/objects/" + id, "mem-path", limit) : ""));
        }
        backends.sort(Comparator.comparing(MemoryBackend::id));
        return List.copyOf(backends);
    }

    private static List<PciDevice> pci(JsonNode buses) {
        List<PciDevice> devices = new ArrayList<>();
        for (JsonNode bus : buses) {
            for (JsonNode device : bus.path("devices")) {
                devices.add(new PciDevice(
                        device.path("bus").asInt(),
                        device.path("slot").asInt(),
                        device.path("function").asInt(),
                        device.path("qdev_id").asText(),
                        device.path("id").path("vendor").asInt(),
                        device.path("id").path("device").asInt(),
                        device.path("class_info").path("class").asInt()));
            }
        }
        devices.sort(Comparator.comparingInt(PciDevice::bus)
                .thenComparingInt(PciDevice::slot)
                .thenComparingInt(PciDevice::function));
        return List.copyOf(devices);
    }

    private static Set<String> peripherals(JsonNode answer) {
        Set<String> peripherals = new TreeSet<>();
        for (JsonNode property : answer) {
            if (property.path("type").asText().startsWith("child<")) {
                peripherals.add(property.path("name").asText() + "="
                        + property.path("type").asText());
            }
        }
        return Set.copyOf(peripherals);
    }

    private static List<Place> places(QmpConnection connection, Duration limit) {
        List<Place> places = new ArrayList<>();
        for (String group : List.of(PERIPHERAL, PERIPHERAL + "-anon")) {
            for (JsonNode device :
                    connection.execute("qom-list", Map.of("path", group), limit).join()) {
                if (device.path("type").asText().startsWith("child<")) {
                    place(connection, group + "/" + device.path("name").asText(), limit)
                            .ifPresent(places::add);
                }
            }
        }
        places.sort(Comparator.comparing(Place::device));
        return List.copyOf(places);
    }

    /** Empty of a device that is on no bus, or was unplugged since it was listed. */
    private static Optional<Place> place(QmpConnection connection, String device, Duration limit) {
        try {
            List<String> properties = connection
                    .execute("qom-list", Map.of("path", device), limit)
                    .join()
                    .findValuesAsText("name");
            return properties.contains("parent_bus")
                    ? Optional.of(new Place(
                            device,
                            busName(get(connection, device, "parent_bus", limit)),
                            properties.contains("addr") ? get(connection, device, "addr", limit) : ""))
                    : Optional.empty();
        } catch (CompletionException e) {
            if (e.getCause() instanceof QmpFailure.Refused) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Devices that the machine itself made are numbered by each version in its own way. */
    private static String busName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        String[] parts = path.split("/");
        return path.startsWith(PERIPHERAL) && parts.length > 3 ? parts[3] + "/" + name : name;
    }

    private static List<String> jobs(JsonNode answer) {
        List<String> jobs = new ArrayList<>();
        answer.forEach(job ->
                jobs.add(job.path("id").asText() + " (" + job.path("type").asText() + ")"));
        jobs.sort(Comparator.naturalOrder());
        return List.copyOf(jobs);
    }

    private static String get(QmpConnection connection, String path, String property, Duration limit) {
        return connection
                .execute("qom-get", Map.of("path", path, "property", property), limit)
                .join()
                .asText();
    }
}
