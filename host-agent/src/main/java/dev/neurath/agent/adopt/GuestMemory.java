package dev.neurath.agent.adopt;

import dev.neurath.agent.process.MemoryMap;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import dev.neurath.agent.process.MemoryMap.Mapping;
import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qemu.QemuFacts.MemoryBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The files that a running QEMU's guest memory lies in, as the kernel sees them in its map. Another QEMU that maps the same ones, shared, sees the same
 * memory; nothing else proves it.
 *
 * @param named all of it can be opened again by a name
 */
public record GuestMemory(Set<FileIdentity> files, boolean named) {
    /** How the kernel shows memory that has no name in any directory. */
    private static final String ANONYMOUS_FILE = "/memfd:";

    public GuestMemory {
        files = Set.copyOf(files);
    }

    /**
     * @param baseMemory bytes that the machine was started with
     * @throws NotAdoptable if any of it cannot be seen by another process
     */
    public static GuestMemory of(int pid, QemuFacts facts, long baseMemory, Path directory)
            throws IOException, NotAdoptable {
        long known = facts.memory().stream().mapToLong(MemoryBackend::bytes).sum();
        if (known < baseMemory) {
            throw new NotAdoptable(
                    "MEMORY_PRIVATE", "%d bytes of its memory are nobody's but its own.".formatted(baseMemory - known));
        }
        List<Mapping> map = MemoryMap.of(pid).map(MemoryMap::mappings).orElse(List.of());
        var files = new LinkedHashSet<FileIdentity>();
        boolean named = true;
        for (MemoryBackend memory : facts.memory()) {
            if (!memory.shared()) {
                throw new NotAdoptable(
                        "MEMORY_PRIVATE",
                        "Memory '%s' is private: no other process can see what the guest writes."
                                .formatted(memory.id()));
            }
            if (memory.path().isEmpty()) {
                files.addAll(anonymous(memory, map));
                named = false;
            } else {
                files.add(named(memory, map, directory));
            }
        }
        return new GuestMemory(files, named);
    }

    private static FileIdentity named(MemoryBackend memory, List<Mapping> map, Path directory)
            throws IOException, NotAdoptable {
        Path file = directory.resolve(memory.path());
        if (!Files.isRegularFile(file)) {
            throw new NotAdoptable(
                    "MEMORY_NOT_A_NAMED_FILE",
                    "Memory '%s' lies in a file without a name (mem-path %s), which cannot be opened again."
                            .formatted(memory.id(), file));
        }
        FileIdentity identity = FileIdentity.of(file);
        boolean its = map.stream().anyMatch(mapping -> mapping.file().equals(identity) && mapping.shared());
        if (!its) {
            throw new NotAdoptable(
                    "MEMORY_NOT_A_NAMED_FILE",
                    "Memory '%s' is not the file that is now at %s.".formatted(memory.id(), file));
        }
        return identity;
    }

    private static List<FileIdentity> anonymous(MemoryBackend memory, List<Mapping> map) throws NotAdoptable {
        var found = new ArrayList<FileIdentity>();
        for (Mapping mapping : map) {
            if (mapping.shared() && mapping.path().startsWith(ANONYMOUS_FILE) && mapping.bytes() == memory.bytes()) {
                found.add(mapping.file());
            }
        }
        if (found.isEmpty()) {
            throw new NotAdoptable(
                    "MEMORY_NOT_A_NAMED_FILE",
                    "Memory '%s' lies neither in a named file nor in a memfd of its size.".formatted(memory.id()));
        }
        return found;
    }

    /** @return true if the other process maps all of it, and nowhere for itself alone */
    public boolean sharedWith(int pid) throws IOException {
        return mappedBy(pid, true);
    }

    /** @return true if the other process maps all of it, and what it writes there reaches nobody */
    public boolean copiedBy(int pid) throws IOException {
        return mappedBy(pid, false);
    }

    private boolean mappedBy(int pid, boolean shared) throws IOException {
        MemoryMap map = MemoryMap.of(pid).orElse(new MemoryMap(List.of()));
        for (FileIdentity file : files) {
            List<Mapping> mappings = map.of(file);
            if (mappings.isEmpty() || !mappings.stream().allMatch(mapping -> mapping.shared() == shared)) {
                return false;
            }
        }
        return true;
    }
}
