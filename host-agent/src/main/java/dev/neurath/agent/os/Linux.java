package dev.neurath.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raw Linux calls on file descriptors and processes, each failing with {@link OsFailure}.
 *
 * <p>Every descriptor made here is close-on-exec, so that no QEMU started later can keep a lock or a connection alive. The
 * calls block their thread (a virtual thread would pin its carrier): callers choose the thread.
 */
public final class Linux {
    private static final Logger LOG = LoggerFactory.getLogger(Linux.class);

    public static final int SIGKILL = 9;
    public static final int SIGCONT = 18;
    public static final int SIGSTOP = 19;

    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_PATH = 0x200000;
    /** One of the few that have another number there (asm/fcntl.h). */
    private static final int O_NOFOLLOW = isArm() ? 0x8000 : 0x20000;

    private static final int LOCK_EX_NB = 2 | 4;
    private static final int WNOHANG = 1;
    private static final int WSTOPPED = 2;
    private static final int WNOWAIT = 0x1000000;
    private static final int P_PID = 1;
    private static final int CLD_STOPPED = 5;
    private static final int SIGINFO_BYTES = 128;
    private static final int SIGINFO_CODE = 8;
    private static final short POLLIN = 1;
    private static final int POLLFD_BYTES = 8;
    // The calls added since 2019 have one number on every architecture.
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final long SYS_PIDFD_GETFD = 438;
    private static final long SYS_SCHED_SETATTR = isArm() ? 274 : 314;
    private static final long SYS_SCHED_GETATTR = isArm() ? 275 : 315;
    private static final int SCHED_OTHER = 0;
    private static final long SCHED_FLAG_RESET_ON_FORK = 1;
    /** struct sched_attr as the first kernels had it that know a slice. */
    private static final int SCHED_ATTR_BYTES = 48;

    private static final int SCHED_ATTR_POLICY = 4;
    private static final int SCHED_ATTR_FLAGS = 8;
    private static final int SCHED_ATTR_NICE = 16;
    private static final int SCHED_ATTR_RUNTIME = 24;
    private static final long SHORT_SLICE_NANOS = 100_000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL4 = downcall(
            "syscall",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle OPEN = downcall(
            "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = downcall("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FLOCK = downcall("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle FALLOCATE =
            downcall("posix_fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle POLL =
            downcall("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle WAITPID =
            downcall("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle WAITID =
            downcall("waitid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle IOCTL = downcall(
            "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle STRERROR = downcall("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final MethodHandle SYSCONF = downcall("sysconf", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));

    private Linux() {}

    private static boolean isArm() {
        return System.getProperty("os.arch", "").equals("aarch64");
    }

    @SuppressWarnings("restricted")
    static MethodHandle downcall(String name, FunctionDescriptor shape, Linker.Option... options) {
        MemorySegment symbol = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("the C library has no " + name));
        Linker.Option[] all = new Linker.Option[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = Linker.Option.captureCallState("errno");
        return LINKER.downcallHandle(symbol, shape, all);
    }

    static MemorySegment callState(Arena arena) {
        return arena.allocate(CALL_STATE);
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /** A descriptor that becomes readable when the process is dead; fails with ESRCH when there is none. */
    public static int pidfdOpen(int pid) throws OsFailure {
        return (int) syscall("pidfd_open of " + pid, SYS_PIDFD_OPEN, pid, 0, 0, 0);
    }

    public static void pidfdSignal(int pidfd, int signal) throws OsFailure {
        syscall("signal " + signal + " through pidfd", SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
    }

    /** A copy of another process's descriptor, here; close-on-exec, as the kernel makes it. */
    public static int pidfdGetfd(int pidfd, int fd) throws OsFailure {
        return (int) syscall("copy descriptor " + fd + " through pidfd", SYS_PIDFD_GETFD, pidfd, fd, 0, 0);
    }

    public static int openReadWrite(Path path, int mode) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            int fd = (int)
                    OPEN.invokeExact(state, arena.allocateFrom(path.toString()), O_RDWR | O_CREAT | O_CLOEXEC, mode);
            return checked("open " + path, fd, state);
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("open is not callable", e);
        }
    }

    /** Of the file itself, whatever it is, and of no link; nothing can be read from it. Its name is /proc/self/fd/N. */
    public static int openPath(Path path) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            int fd = (int)
                    OPEN.invokeExact(state, arena.allocateFrom(path.toString()), O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
            return checked("open " + path, fd, state);
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("open is not callable", e);
        }
    }

    public static void close(int fd) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            checked("close " + fd, (int) CLOSE.invokeExact(state, fd), state);
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("close is not callable", e);
        }
    }

    /** An exclusive advisory lock bound to the open descriptor, not to the process; false when somebody else has it. */
    public static boolean tryFlock(int fd) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            if ((int) FLOCK.invokeExact(state, fd, LOCK_EX_NB) == 0) {
                return true;
            }
            if (errno(state) == OsFailure.EAGAIN) {
                return false;
            }
            throw new OsFailure("flock", errno(state));
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("flock is not callable", e);
        }
    }

    /** Gives the file real space, so that later writes and page faults in it cannot fail for lack of it. */
    public static void allocate(int fd, long bytes) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            // posix_fallocate returns its error instead of setting errno; a signal may interrupt a long one.
            int error;
            do {
                error = (int) FALLOCATE.invokeExact(callState(arena), fd, 0L, bytes);
            } while (error == OsFailure.EINTR);
            if (error != 0) {
                throw new OsFailure("posix_fallocate of " + bytes + " bytes", error);
            }
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("posix_fallocate is not callable", e);
        }
    }

    /** Waits until one of the descriptors is readable or closed at its other end; true per descriptor. -1 waits for ever. */
    public static boolean[] pollReadable(int[] fds, int timeoutMillis) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            MemorySegment polled = arena.allocate((long) POLLFD_BYTES * fds.length, 4);
            for (int i = 0; i < fds.length; i++) {
                polled.set(JAVA_INT, (long) i * POLLFD_BYTES, fds[i]);
                polled.set(JAVA_SHORT, (long) i * POLLFD_BYTES + 4, POLLIN);
            }
            int ready = (int) POLL.invokeExact(state, polled, (long) fds.length, timeoutMillis);
            if (ready < 0 && errno(state) != OsFailure.EINTR) {
                throw new OsFailure("poll", errno(state));
            }
            boolean[] readable = new boolean[fds.length];
            for (int i = 0; ready > 0 && i < fds.length; i++) {
                readable[i] = polled.get(JAVA_SHORT, (long) i * POLLFD_BYTES + 6) != 0;
            }
            return readable;
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("poll is not callable", e);
        }
    }

    /** A look: false if there is something, or the end, or an error, or nobody knows. */
    public static boolean nothingToRead(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate(POLLFD_BYTES, 4);
            polled.set(JAVA_INT, 0, fd);
            polled.set(JAVA_SHORT, 4, POLLIN);
            return (int) POLL.invokeExact(callState(arena), polled, 1L, 0) == 0;
        } catch (Throwable e) {
            throw new AssertionError("poll is not callable", e);
        }
    }

    /** Takes a dead child of ours off the kernel's table; one that lives or is not our child stays as it is. */
    public static void reap(int pid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            int reaped = (int) WAITPID.invokeExact(state, pid, arena.allocate(JAVA_INT), WNOHANG);
            if (reaped < 0 && errno(state) != OsFailure.ECHILD) {
                throw new AssertionError("waitpid of " + pid + ": errno " + errno(state));
            }
        } catch (Throwable e) {
            throw new AssertionError("waitpid is not callable", e);
        }
    }

    /** Where a process stands, as its parent is told. */
    public enum ChildStop {
        STOPPED,
        NOT_STOPPED,
        /** Another process's, as one that an earlier agent started. */
        NO_CHILD
    }

    /** A child is stopped once each of its tasks is: the kernel tells the parent when the last one has stopped. Source: waitid(2). Leaves the news for later. */
    public static ChildStop childStop(int pid) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            MemorySegment info = arena.allocate(SIGINFO_BYTES, Long.BYTES);
            int result = (int) WAITID.invokeExact(state, P_PID, pid, info, WSTOPPED | WNOWAIT | WNOHANG);
            if (result == 0) {
                return info.get(JAVA_INT, SIGINFO_CODE) == CLD_STOPPED ? ChildStop.STOPPED : ChildStop.NOT_STOPPED;
            }
            if (errno(state) == OsFailure.ECHILD) {
                return ChildStop.NO_CHILD;
            }
            throw new OsFailure("waitid of " + pid, errno(state));
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("waitid is not callable", e);
        }
    }

    /**
     * A request that takes, or gives, one number.
     *
     * @param number what it takes
     * @return what it gives; {@code number} if it gives nothing
     */
    public static int ioctl(String attempted, int fd, long request, int number) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            MemorySegment value = arena.allocateFrom(JAVA_INT, number);
            checked(attempted, (int) IOCTL.invokeExact(state, fd, request, value), state);
            return value.get(JAVA_INT, 0);
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("ioctl is not callable", e);
        }
    }

    /**
     * Asks the kernel for short turns of the calling thread: it then waits for a processor less long when others are at work, and gets no more of it. What it
     * starts has usual turns, and its nice value otherwise. Source: sched_setattr(2), sched_runtime of SCHED_OTHER, since Linux 6.12; an earlier one
     * leaves turns as they are.
     */
    public static void takeShortTurns() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(SCHED_ATTR_BYTES, Long.BYTES);
            syscall("read the scheduling", SYS_SCHED_GETATTR, 0, attributes.address(), SCHED_ATTR_BYTES, 0);
            // Whoever chose another policy or a negative nice value for the agent meant it, and what resets the turns
            // on fork would reset those too.
            if (attributes.get(JAVA_INT, SCHED_ATTR_POLICY) != SCHED_OTHER
                    || attributes.get(JAVA_INT, SCHED_ATTR_NICE) < 0) {
                return;
            }
            attributes.set(JAVA_LONG, SCHED_ATTR_FLAGS, SCHED_FLAG_RESET_ON_FORK);
            attributes.set(JAVA_LONG, SCHED_ATTR_RUNTIME, SHORT_SLICE_NANOS);
            syscall("set the scheduling", SYS_SCHED_SETATTR, 0, attributes.address(), 0, 0);
        } catch (OsFailure | AssertionError e) {
            // Where it is refused, as by a filter of system calls, turns are as long as everybody's.
            LOG.debug("No short turns for thread {}", Thread.currentThread().getName(), e);
        }
    }

    public static long clockTicksPerSecond() {
        return sysconf(2);
    }

    @SuppressWarnings("restricted")
    static String describe(int errno) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(callState(arena), errno);
            return text.reinterpret(256).getString(0);
        } catch (Throwable e) {
            throw new AssertionError("strerror is not callable", e);
        }
    }

    private static long sysconf(int name) {
        try (Arena arena = Arena.ofConfined()) {
            return (long) SYSCONF.invokeExact(callState(arena), name);
        } catch (Throwable e) {
            throw new AssertionError("sysconf is not callable", e);
        }
    }

    private static long syscall(String attempted, long number, long a, long b, long c, long d) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = callState(arena);
            long result = (long) SYSCALL4.invokeExact(state, number, a, b, c, d);
            if (result < 0) {
                throw new OsFailure(attempted, errno(state));
            }
            return result;
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("syscall is not callable", e);
        }
    }

    static int checked(String attempted, int result, MemorySegment state) throws OsFailure {
        if (result < 0) {
            throw new OsFailure(attempted, errno(state));
        }
        return result;
    }
}
