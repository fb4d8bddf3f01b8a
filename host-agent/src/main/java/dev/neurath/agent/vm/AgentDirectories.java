package dev.neurath.agent.vm;

import dev.neurath.agent.log.LogDirectory;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Where one agent keeps things.
 *
 * @param state on disk: logs, VM records, incarnation
 * @param run sockets of the agent's own, closed to everybody else; a short path, since sun_path has 107 bytes
 * @param users below it, for each other user that an adopted QEMU acts as, sockets that this user alone reaches besides the agent
 * @param doors the owners' QMP sockets
 * @param ram tmpfs or hugetlbfs for the guests' memory
 * @param logs what the QEMUs print
 * @param groupPrefix names the agent's control groups among those of other agents on the same kernel
 */
public record AgentDirectories(Path state, Path run, Path users, Path doors, Path ram, Path logs, String groupPrefix) {
    private static final int PASS = 0011;
    /** With sticky and set-group-ID, which an operator may have put there. */
    private static final int ALL_OF_MODE = 07777;

    public static AgentDirectories create(Path state, Path run, Path ram, String hostId) throws IOException {
        var directories = new AgentDirectories(
                state.toAbsolutePath(),
                run.toAbsolutePath().resolve("q"),
                run.toAbsolutePath().resolve("u"),
                run.toAbsolutePath().resolve("d"),
                ram.toAbsolutePath(),
                state.toAbsolutePath().resolve("logs"),
                groupPrefix(state, hostId));
        var closed = PosixFilePermissions.fromString("rwx------");
        // Those above belong to everybody: another user's QEMU has to pass them.
        Files.createDirectories(run.toAbsolutePath().getParent());
        for (Path directory : new Path[] {
            directories.state,
            run.toAbsolutePath(),
            directories.run,
            directories.users,
            directories.doors,
            directories.ram,
            directories.logs
        }) {
            // What is made anew is the agent's own; what was there, /dev/shm or /run, stays as it is.
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(closed));
        }
        Files.setPosixFilePermissions(directories.state, closed);
        Files.setPosixFilePermissions(directories.run, closed);
        Files.setPosixFilePermissions(directories.doors, closed);
        Files.setPosixFilePermissions(directories.logs, closed);
        if (directories.sockets().size() > 1) {
            // A unit's start closes its run directory again, and QEMUs of other users still meet below it.
            directories.letPass();
        } else {
            Files.setPosixFilePermissions(directories.users, closed);
        }
        return directories;
    }

    /**
     * Whoever may pass sees no name, and what is below is closed but for the users' own. Nobody may until a QEMU of another user has to; then also through a run
     * directory that was there before.
     */
    private void letPass() throws IOException {
        letPass(Objects.requireNonNull(users.getParent()));
        letPass(users);
    }

    private static void letPass(Path directory) throws IOException {
        int mode = (int) Files.getAttribute(directory, "unix:mode") & ALL_OF_MODE;
        Files.setAttribute(directory, "unix:mode", mode | PASS);
    }

    /** Where the sockets of a VM's attempts are: both QEMUs of it have to reach them. */
    Path sockets(AgentVm vm) {
        return vm.getOrigin().hasUser() ? ofUser(vm.getOrigin().getUser()) : run;
    }

    /** All of those that there are. */
    List<Path> sockets() throws IOException {
        var all = new ArrayList<>(List.of(run));
        try (DirectoryStream<Path> ofUsers = Files.newDirectoryStream(users)) {
            ofUsers.forEach(all::add);
        }
        return all;
    }

    private Path ofUser(long user) {
        return users.resolve(Long.toString(user));
    }

    /** Closed to everybody but this user and root; the directory above is the agent's, so nobody puts another in its place. */
    Path openTo(long user) throws IOException {
        Path directory = ofUser(user);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Files.setAttribute(directory, "unix:uid", (int) user, LinkOption.NOFOLLOW_LINKS);
        letPass();
        return directory;
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
