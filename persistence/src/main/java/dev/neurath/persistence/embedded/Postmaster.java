package dev.neurath.persistence.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A server found by its {@code postmaster.pid}.
 *
 * <p>A number in a file proves nothing after a crash: process ids are used again. It counts as the server of a data directory
 * only if that process is a {@code postgres} whose working directory is this data directory, which a server never leaves.
 */
record Postmaster(long pid, int port, boolean ready) {

    static Optional<Postmaster> runningIn(Path data) throws IOException {
        return recordedIn(data).filter(recorded -> worksIn(data, recorded.pid()));
    }

    /** What the file says, true or not. Its lines: pid, data directory, start, port, sockets, address, shared memory, state. */
    static Optional<Postmaster> recordedIn(Path data) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(pidFile(data));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            long pid = Long.parseLong(lines.isEmpty() ? "" : lines.getFirst().strip());
            int port = lines.size() > 3 ? Integer.parseInt(lines.get(3).strip()) : 0;
            return Optional.of(new Postmaster(
                    pid, port, lines.size() > 7 && lines.get(7).strip().equals("ready")));
        } catch (NumberFormatException e) {
            // Cut short by a full disk or a crash in the middle of writing.
            return Optional.empty();
        }
    }

    static Path pidFile(Path data) {
        return data.resolve("postmaster.pid");
    }

    static boolean worksIn(Path data, long pid) {
        Path proc = Path.of("/proc", String.valueOf(pid));
        try {
            Path program = Files.readSymbolicLink(proc.resolve("exe")).getFileName();
            return program != null
                    && program.toString().startsWith("postgres")
                    && Files.readSymbolicLink(proc.resolve("cwd")).equals(data.toRealPath());
        } catch (IOException e) {
            // Gone, or somebody else's process: either way not ours.
            return false;
        }
    }
}
