package dev.neurath.agent.adopt;

import dev.neurath.agent.process.MemoryMap;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.agent.qmp.QmpListener;
import dev.neurath.agent.qmp.QmpOptions;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * Finds QEMU processes that others started, and says of each whether it can be handed over and what it is made of, or why not. A VM is a process and not a
 * socket: who listens is read out of /proc, and only what the process's own command line calls a QMP socket is connected to. Nothing is changed by it.
 */
public final class Inspector {
    /**
     * QEMU greets at once; it serves one client a monitor, and the next one waits in silence. One that gets little processor greets late, and is not to be
     * taken for that.
     */
    private static final Duration GREETING_LIMIT = Duration.ofSeconds(5);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    /** VMs that are taken care of already. */
    public interface Known {
        /** @return whose process it is */
        Optional<String> process(ProcessIdentity identity) throws IOException;

        /** @return whose socket it is */
        Optional<String> name(Path socket) throws IOException;

        /** @return whose memory it is */
        Optional<String> memory(FileIdentity file) throws IOException;
    }

    /** One process, or one socket of which nobody knows whose it is. */
    public sealed interface Finding {
        List<Path> sockets();
    }

    public record Fit(List<Path> sockets, Adoptable vm) implements Finding {}

    public record Unfit(List<Path> sockets, Optional<ProcessIdentity> process, NotAdoptable why) implements Finding {}

    private final QmpConnector connector;
    private final Known known;

    public Inspector(QmpConnector connector, Known known) {
        this.connector = connector;
        this.known = known;
    }

    /**
     * @param path a QMP socket, or a directory with such: then every QEMU with one in it
     * @throws NotAdoptable if there is nothing to look at
     */
    public List<Finding> inspect(Path path, boolean supervisedConsent) throws IOException, NotAdoptable {
        if (!path.isAbsolute()) {
            throw new NotAdoptable("INPUT_INVALID", "'%s' is not an absolute path on the host.".formatted(path));
        }
        boolean all = Files.isDirectory(path);
        List<Path> asked = all ? sockets(path) : List.of(path);
        if (!all && !Files.exists(path)) {
            throw new NotAdoptable("NOTHING_FOUND", "There is no socket %s.".formatted(path));
        }
        var byProcess = new LinkedHashMap<Integer, List<Path>>();
        var ours = new LinkedHashMap<String, List<Path>>();
        var findings = new ArrayList<Finding>();
        Map<Path, List<Integer>> listeners = UnixSockets.listeners(asked);
        for (Path socket : asked) {
            List<Integer> pids = listeners.getOrDefault(UnixSockets.real(socket), List.of());
            if (pids.size() == 1) {
                byProcess
                        .computeIfAbsent(pids.getFirst(), pid -> new ArrayList<>())
                        .add(socket);
            } else if (pids.isEmpty() && known.name(socket).isPresent()) {
                // Bound under another name and renamed: its listener cannot be found by this one.
                ours.computeIfAbsent(known.name(socket).orElseThrow(), vm -> new ArrayList<>())
                        .add(socket);
            } else if (!all || pids.size() > 1) {
                findings.add(new Unfit(List.of(socket), Optional.empty(), unclear(socket, pids)));
            }
        }
        ours.forEach((vm, names) -> findings.add(new Unfit(
                names,
                Optional.empty(),
                new NotAdoptable("VM_RUNS_HERE", "%s is a socket of VM %s already.".formatted(names.getFirst(), vm)))));
        for (Map.Entry<Integer, List<Path>> entry : byProcess.entrySet()) {
            look(entry.getKey(), entry.getValue(), all, supervisedConsent).ifPresent(findings::add);
        }
        if (findings.isEmpty()) {
            throw new NotAdoptable("NOTHING_FOUND", "No QEMU has a QMP socket at %s.".formatted(path));
        }
        return findings;
    }

    /** The process that was meant when it was found, or a refusal. */
    public Adoptable again(ProcessIdentity identity, Path control, boolean supervisedConsent)
            throws IOException, NotAdoptable {
        if (!identity.isPresent()) {
            throw new NotAdoptable(
                    "IDENTITY_UNSURE", "Process %d is not the one that was found any more.".formatted(identity.pid()));
        }
        return adoptable(identity, List.of(control), supervisedConsent);
    }

    private static NotAdoptable unclear(Path socket, List<Integer> pids) {
        return pids.isEmpty()
                ? new NotAdoptable(
                        "NOTHING_FOUND", "Nobody listens at %s, as far as this agent can see.".formatted(socket))
                : new NotAdoptable(
                        "IDENTITY_UNSURE", "Processes %s all hold a socket named %s.".formatted(pids, socket));
    }

    private static List<Path> sockets(Path directory) throws IOException {
        var found = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class)
                        .isOther()) {
                    found.add(file);
                }
            }
        }
        found.sort(null);
        return found;
    }

    /** @return empty for a process that is no QEMU, or whose sockets are none of QMP, if it was not asked for by name */
    private Optional<Finding> look(int pid, List<Path> sockets, boolean all, boolean supervisedConsent)
            throws IOException {
        Optional<ProcessIdentity> identity = ProcessIdentity.of(pid, "");
        if (identity.isEmpty()) {
            return Optional.empty();
        }
        List<Path> doors = sockets;
        try {
            List<String> argv = ProcessProbe.commandLine(pid).orElse(List.of());
            QemuCommandLine commandLine = QemuCommandLine.parse(argv);
            Path directory = StartDirectory.of(pid, argv);
            var monitors = new ArrayList<Path>();
            for (Path monitor : Monitors.control(commandLine, directory)) {
                monitors.add(UnixSockets.real(monitor));
            }
            doors = new ArrayList<>();
            for (Path socket : sockets) {
                if (monitors.contains(UnixSockets.real(socket))) {
                    doors.add(socket);
                }
            }
            if (doors.isEmpty() && all) {
                return Optional.empty();
            }
            if (doors.isEmpty()) {
                doors = sockets;
                throw new NotAdoptable(
                        "IDENTITY_UNSURE",
                        "Process %d listens at %s, and its command line names no QMP socket there."
                                .formatted(pid, sockets.getFirst()));
            }
            return Optional.of(new Fit(doors, adoptable(identity.get(), doors, supervisedConsent)));
        } catch (NotAdoptable e) {
            return Optional.of(new Unfit(doors, identity, e));
        }
    }

    private Adoptable adoptable(ProcessIdentity identity, List<Path> doors, boolean supervisedConsent)
            throws IOException, NotAdoptable {
        int pid = identity.pid();
        Optional<String> owner = known.process(identity);
        if (owner.isPresent()) {
            throw new NotAdoptable("VM_RUNS_HERE", "Process %d is VM %s already.".formatted(pid, owner.get()));
        }
        StartedBy started = StartedBy.of(identity);
        Optional<String> supervisor = Supervisors.of(pid, started.argv());
        if (supervisor.isPresent() && !supervisedConsent) {
            throw new NotAdoptable(
                    "SUPERVISED",
                    "Process %d is looked after by %s: it may start the VM again when it is handed over."
                            .formatted(pid, supervisor.get()));
        }
        Optional<String> endsBoth = Supervisors.endsBoth(pid);
        if (endsBoth.isPresent()) {
            throw new NotAdoptable(
                    "SURROUNDINGS",
                    "When process %d ends, %s ends all of its control group, the new QEMU too: its KillMode has to be process."
                            .formatted(pid, endsBoth.get()));
        }
        Path control = doors.getFirst();
        for (Path door : doors) {
            try (QmpConnection connection = connect(door)) {
                control = door;
                requirePeer(connection, pid);
                LiveMachine live = LiveMachine.read(
                        connection, ANSWER_LIMIT, started.commandLine().last("cpu"));
                Adoptable vm = Adoptable.of(identity, control, started, live, supervisedConsent);
                requireUnknownMemory(vm.memory());
                if (!StartedBy.of(identity).equals(started) || !identity.isPresent()) {
                    throw new NotAdoptable(
                            "IDENTITY_UNSURE", "Process %d changed while it was looked at.".formatted(pid));
                }
                return vm;
            } catch (QmpFailure e) {
                if (e.reason() != QmpFailure.Reason.MONITOR_BUSY) {
                    throw new NotAdoptable(
                            "MONITOR_UNREACHABLE",
                            "%s does not answer as a monitor: %s".formatted(door, e.getMessage()));
                }
            }
        }
        throw new NotAdoptable(
                "MONITOR_BUSY",
                "Somebody else is connected to %s, and QEMU serves one client a monitor.".formatted(control));
    }

    private QmpConnection connect(Path door) throws QmpFailure {
        var options = QmpOptions.DEFAULT.withConnect(GREETING_LIMIT).withGreeting(GREETING_LIMIT);
        try {
            return connector.connect(door, options, QmpListener.NONE).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof QmpFailure failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static void requirePeer(QmpConnection connection, int pid) throws NotAdoptable {
        if (connection.peer().pid() != pid) {
            throw new NotAdoptable(
                    "IDENTITY_UNSURE",
                    "Process %d holds the socket, and process %d had made it: they may not be the same VM."
                            .formatted(pid, connection.peer().pid()));
        }
    }

    private void requireUnknownMemory(GuestMemory memory) throws IOException, NotAdoptable {
        for (MemoryMap.FileIdentity file : memory.files()) {
            Optional<String> owner = known.memory(file);
            if (owner.isPresent()) {
                throw new NotAdoptable(
                        "VM_RUNS_HERE",
                        "Its memory is that of VM %s: it is a side of that one.".formatted(owner.get()));
            }
        }
    }
}
