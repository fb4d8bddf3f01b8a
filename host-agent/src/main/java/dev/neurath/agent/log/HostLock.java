package dev.neurath.agent.log;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.os.NameLock;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second agent away from what this one controls: its host id, its state directory and its directory of QMP sockets. Which
 * process a VM is stands in the one directory, and the door to it in the other: whoever has both has the QEMUs.
 *
 * <p>Held by open descriptors only: the kernel drops it with the process, however that ends, and no QEMU inherits it.
 */
public final class HostLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostLock.class);

    private final Deque<AutoCloseable> held = new ArrayDeque<>();

    /** Somebody else holds it. */
    public static final class Held extends IOException {
        private final int holder;

        Held(String what, int holder) {
            super(what + " is already served by "
                    + (holder > 0 ? "the agent with process id " + holder : "another agent"));
            this.holder = holder;
        }

        /** A pid, or 0 when it cannot be told. */
        public int holder() {
            return holder;
        }
    }

    private HostLock() {}

    /** All three or none; the directories exist. Agents of other fleets may share the kernel and choose the same ids. */
    public static HostLock acquire(String fleet, String hostId, Path stateDirectory, Path qmpDirectory)
            throws IOException {
        HostLock lock = new HostLock();
        try {
            lock.byName("host id " + hostId + " of fleet " + fleet, "neurath/host/" + fleet + "/" + hostId);
            lock.byFile("state directory " + stateDirectory, stateDirectory.resolve("agent.lock"));
            FileIdentity door = FileIdentity.of(qmpDirectory);
            lock.byName(
                    "QMP directory " + qmpDirectory,
                    "neurath/door/" + door.major() + ":" + door.minor() + ":" + door.inode());
            return lock;
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private void byName(String what, String name) throws IOException {
        NameLock.Attempt attempt = NameLock.tryAcquire(name);
        if (!attempt.acquired()) {
            throw new Held(what, attempt.holder());
        }
        held.push(attempt.lock());
    }

    private void byFile(String what, Path file) throws IOException {
        int fd = Linux.openReadWrite(file, 0600);
        if (!Linux.tryFlock(fd)) {
            Linux.close(fd);
            throw new Held(what, holderIn(file));
        }
        held.push(() -> Linux.close(fd));
        try {
            Files.writeString(file, Long.toString(ProcessHandle.current().pid()), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            // The lock is what counts, and guests wait for its holder: on a full disk it has no name.
            LOG.warn("{} cannot name its holder", file, e);
        }
    }

    private static int holderIn(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    @Override
    public void close() throws IOException {
        while (!held.isEmpty()) {
            try {
                held.pop().close();
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException("a lock was not released", e);
            }
        }
    }
}
