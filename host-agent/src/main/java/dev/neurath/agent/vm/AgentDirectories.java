package dev.neurath.agent.vm;

import dev.neurath.agent.log.LogDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where one agent keeps things.
 *
 * @param state on disk: logs, VM records, incarnation
 * @param run sockets of the agent's own, closed to everybody else; a short path, since sun_path has 107 bytes
 * @param doors the owners' QMP sockets
 * @param ram tmpfs or hugetlbfs for the guests' memory
 * @param logs what the QEMUs print
 * @param groupPrefix names the agent's control groups among those of other agents on the same kernel
 */
public record AgentDirectories(Path state, Path run, Path doors, Path ram, Path logs, String groupPrefix) {
    public static AgentDirectories create(Path state, Path run, Path ram, String hostId) throws IOException {
        var directories = new AgentDirectories(
                state.toAbsolutePath(),
                run.toAbsolutePath().resolve("q"),
                run.toAbsolutePath().resolve("d"),
                ram.toAbsolutePath(),
                state.toAbsolutePath().resolve("logs"),
                groupPrefix(state, hostId));
        var closed = PosixFilePermissions.fromString("rwx------");
        for (Path directory :
                new Path[] {directories.state, directories.run, directories.doors, directories.ram, directories.logs}) {
            // What is made anew is the agent's own; what was there, /dev/shm or /run, stays as it is.
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(closed));
        }
        Files.setPosixFilePermissions(directories.state, closed);
        Files.setPosixFilePermissions(directories.run, closed);
        Files.setPosixFilePermissions(directories.doors, closed);
        Files.setPosixFilePermissions(directories.logs, closed);
        return directories;
    }

    /** Memory on a disk would hold its guest up with every write-back, and nobody would see why. */
    void requireMemory() throws IOException {
        String type = Files.getFileStore(ram).type();
        if (!LogDirectory.inMemory(ram) && !type.equals("hugetlbfs")) {
            throw new IOException("--ram " + ram + " is on " + type
                    + "; guests' memory belongs on tmpfs or hugetlbfs, for example /dev/shm");
        }
    }

    /** Another agent with the same host id, on other directories, has other groups. */
    public static String groupPrefix(Path state, String hostId) {
        return hostId + "-"
                + Integer.toHexString(state.toAbsolutePath().toString().hashCode()) + ".";
    }
}
