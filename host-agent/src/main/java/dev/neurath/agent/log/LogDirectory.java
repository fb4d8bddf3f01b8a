package dev.neurath.agent.log;

import dev.neurath.agent.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * All hand-over logs of one agent: the durable parts in its state directory, the parts written in a pause on tmpfs.
 *
 * <p>It has a uuid from its creation on: a re-imaged disk shows as another uuid, and the coordinator sends floors anew.
 */
public final class LogDirectory {
    private static final String SUFFIX = ".log";
    private static final String FLOORS = "floors";

    private final Path durable;
    private final Path memory;
    private final UUID uuid;
    private final LogStorage storage;

    private LogDirectory(Path durable, Path memory, UUID uuid, LogStorage storage) {
        this.durable = durable;
        this.memory = memory;
        this.uuid = uuid;
        this.storage = storage;
    }

    /** Opens or creates it; without a tmpfs in the candidates this fails with NO_TMPFS. */
    public static LogDirectory open(Path stateDirectory, Optional<Path> configuredTmpfs) throws IOException {
        return open(stateDirectory, configuredTmpfs, DiskGate.OPEN);
    }

    public static LogDirectory open(Path stateDirectory, Optional<Path> configuredTmpfs, DiskGate gate)
            throws IOException {
        List<Path> candidates = Stream.concat(
                        configuredTmpfs.stream(),
                        configuredTmpfs.isPresent() ? Stream.of() : Stream.of(Path.of("/run"), Path.of("/dev/shm")))
                .toList();
        return open(stateDirectory, candidates, LogStorage.files(gate));
    }

    static LogDirectory open(Path stateDirectory, List<Path> candidates, LogStorage storage) throws IOException {
        Path durable = Files.createDirectories(stateDirectory.resolve("hand-over"));
        Path tmpfs = null;
        for (Path candidate : candidates) {
            if (Files.isWritable(candidate) && inMemory(candidate)) {
                tmpfs = candidate;
                break;
            }
        }
        if (tmpfs == null) {
            throw new LogFailure(
                    LogFailure.Reason.NO_TMPFS,
                    "none of " + candidates + " is a writable tmpfs; name one in the agent's configuration");
        }
        UUID uuid = uuid(durable, storage);
        return new LogDirectory(durable, tmpfs.resolve("neurath-log-" + uuid), uuid, storage);
    }

    public UUID uuid() {
        return uuid;
    }

    /**
     * Whether the floors of what was ordered before this log began were taken over. Once in a log's life: a floor that is raised later would close
     * an order that is still on its way for the first time.
     */
    public boolean floorsTaken() {
        return Files.exists(durable.resolve(FLOORS));
    }

    /** Durable when this returns. */
    public void floorsAreTaken() throws IOException {
        create(durable, FLOORS, "taken", storage);
    }

    public HandOverLog of(String vm) throws IOException {
        return HandOverLog.open(
                storage, durable.resolve(fileName(vm)), memory.resolve(fileName(vm)), ProcessIdentity.currentBootId());
    }

    /** The last generation that any record on disk speaks of, also in a log that {@link #of} cannot open; empty if a part of it may be missing. */
    public OptionalLong highest(String vm) {
        return HandOverLog.highest(durable.resolve(fileName(vm)));
    }

    /** The VMs with a log here. */
    public List<String> vms() throws IOException {
        List<String> vms = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(durable, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                vms.add(name.substring(0, name.length() - SUFFIX.length()));
            }
        }
        return vms.stream().sorted().toList();
    }

    private static String fileName(String vm) {
        if (vm.isEmpty() || vm.startsWith(".") || vm.contains("/")) {
            throw new IllegalArgumentException("a VM's id must be usable as a file name: " + vm);
        }
        return vm + SUFFIX;
    }

    /** Whether what is written there survives everything but the host's end, without a disk. */
    public static boolean inMemory(Path directory) throws IOException {
        String type = Files.getFileStore(directory).type();
        return type.equals("tmpfs") || type.equals("ramfs");
    }

    private static UUID uuid(Path durable, LogStorage storage) throws IOException {
        Path file = durable.resolve("uuid");
        if (Files.exists(file)) {
            try {
                return UUID.fromString(Files.readString(file).strip());
            } catch (IllegalArgumentException e) {
                throw new LogFailure(LogFailure.Reason.UNREADABLE, file + " holds no uuid", e);
            }
        }
        UUID fresh = UUID.randomUUID();
        create(durable, file.getFileName().toString(), fresh.toString(), storage);
        return fresh;
    }

    private static void create(Path directory, String name, String line, LogStorage storage) throws IOException {
        Path file = directory.resolve(name);
        Path draft = directory.resolve(name + ".new");
        try (LogFile written = storage.open(draft)) {
            written.truncate(0);
            written.write(0, (line + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            written.sync();
        }
        storage.replace(draft, file);
        storage.syncDirectoryOf(file);
    }
}
