package dev.neurath.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * A lock by name for the whole machine (strictly: the network namespace): an abstract unix socket that only one can bind.
 *
 * <p>It needs no file, cannot be stale, and names its holder: the kernel tells who listens. Close-on-exec, so no child keeps it.
 */
public final class NameLock implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int UCRED_BYTES = 12;
    private static final int SUN_PATH = 2;
    private static final int LONGEST_NAME_BYTES = 107;
    private static final MethodHandle SOCKET =
            Linux.downcall("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            Linux.downcall("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle LISTEN =
            Linux.downcall("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CONNECT =
            Linux.downcall("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle GETSOCKOPT = Linux.downcall(
            "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    private final int fd;

    /** Bound, or the pid of whoever is; 0 when the holder ended while it was being asked. */
    public record Attempt(NameLock lock, int holder) {
        public boolean acquired() {
            return lock.fd >= 0;
        }
    }

    private NameLock(int fd) {
        this.fd = fd;
    }

    public static Attempt tryAcquire(String name) throws OsFailure {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_NAME_BYTES) {
            throw new IllegalArgumentException("a lock's name has at most 107 bytes: " + name);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Linux.callState(arena);
            MemorySegment address = arena.allocate(SUN_PATH + 1 + bytes.length, 2);
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(bytes, 0, address, JAVA_BYTE, SUN_PATH + 1, bytes.length);
            int fd = Linux.checked("socket", (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_STREAM_CLOEXEC, 0), state);
            if ((int) BIND.invokeExact(state, fd, address, (int) address.byteSize()) == 0) {
                // Listening makes the holder's credentials readable; nobody accepts.
                Linux.checked("listen", (int) LISTEN.invokeExact(state, fd, 1), state);
                return new Attempt(
                        new NameLock(fd), (int) ProcessHandle.current().pid());
            }
            int errno = Linux.errno(state);
            try {
                if (errno != OsFailure.EADDRINUSE) {
                    throw new OsFailure("bind the lock " + name, errno);
                }
                return new Attempt(new NameLock(-1), holder(arena, state, fd, address));
            } finally {
                Linux.close(fd);
            }
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("socket calls are not callable", e);
        }
    }

    private static int holder(Arena arena, MemorySegment state, int fd, MemorySegment address) throws Throwable {
        if ((int) CONNECT.invokeExact(state, fd, address, (int) address.byteSize()) != 0) {
            return 0;
        }
        MemorySegment credentials = arena.allocate(UCRED_BYTES, 4);
        MemorySegment length = arena.allocate(JAVA_INT);
        length.set(JAVA_INT, 0, UCRED_BYTES);
        int got = (int) GETSOCKOPT.invokeExact(state, fd, SOL_SOCKET, SO_PEERCRED, credentials, length);
        return got == 0 ? credentials.get(JAVA_INT, 0) : 0;
    }

    @Override
    public void close() throws OsFailure {
        if (fd >= 0) {
            Linux.close(fd);
        }
    }
}
