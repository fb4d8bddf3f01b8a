package dev.neurath.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which parts of which files a process has mapped, from /proc/PID/maps; files are compared by device and inode. */
public record MemoryMap(List<Mapping> mappings) {
    private static final int PERMISSIONS = 1;
    private static final int OFFSET = 2;
    private static final int DEVICE = 3;
    private static final int INODE = 4;
    private static final int FIELDS = 6;

    /** A file as the kernel knows it, whatever names it has or had. */
    public record FileIdentity(int major, int minor, long inode) {
        public static FileIdentity of(Path file) throws IOException {
            long device = (Long) Files.getAttribute(file, "unix:dev");
            // The C library's encoding of major and minor in dev_t.
            int major = (int) (((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL));
            int minor = (int) ((device & 0xff) | ((device >>> 12) & ~0xffL));
            return new FileIdentity(major, minor, (Long) Files.getAttribute(file, "unix:ino"));
        }
    }

    /**
     * One line of the map.
     *
     * @param shared the s flag: writes reach the file; private ones are copied on write
     * @param path as the kernel shows it, with " (deleted)" behind it once it is unlinked
     */
    public record Mapping(long start, long end, boolean shared, long offset, FileIdentity file, String path) {
        public long bytes() {
            return end - start;
        }
    }

    public MemoryMap {
        mappings = List.copyOf(mappings);
    }

    /** Empty when the process is gone. */
    public static Optional<MemoryMap> of(int pid) throws IOException {
        return ProcStat.readIfPresent(ProcessProbe.proc(pid, "maps")).map(MemoryMap::parse);
    }

    public List<Mapping> of(FileIdentity file) {
        return mappings.stream().filter(mapping -> mapping.file().equals(file)).toList();
    }

    static MemoryMap parse(String text) {
        return new MemoryMap(text.lines().map(MemoryMap::parseLine).toList());
    }

    private static Mapping parseLine(String line) {
        String[] fields = line.split("\\s+", FIELDS);
        String[] range = fields[0].split("-", 2);
        String[] device = fields[DEVICE].split(":", 2);
        return new Mapping(
                Long.parseUnsignedLong(range[0], 16),
                Long.parseUnsignedLong(range[1], 16),
                fields[PERMISSIONS].charAt(3) == 's',
                Long.parseUnsignedLong(fields[OFFSET], 16),
                new FileIdentity(
                        Integer.parseInt(device[0], 16),
                        Integer.parseInt(device[1], 16),
                        Long.parseLong(fields[INODE])),
                fields.length == FIELDS ? fields[FIELDS - 1] : "");
    }
}
