package dev.neurath.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Sends bytes together with one descriptor (SCM_RIGHTS) over a unix socket, by sendmsg. */
public final class FdMessage {
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
    // struct msghdr, struct iovec and struct cmsghdr of 64-bit Linux, as glibc lays them out.
    private static final long MSGHDR_BYTES = 56;
    private static final long MSG_IOV = 16;
    private static final long MSG_IOVLEN = 24;
    private static final long MSG_CONTROL = 32;
    private static final long MSG_CONTROLLEN = 40;
    private static final long CMSG_LEVEL = 8;
    private static final long CMSG_TYPE = 12;
    private static final long CMSG_DATA = 16;
    private static final long CMSG_LEN_ONE_FD = 20;
    private static final long CMSG_SPACE_ONE_FD = 24;
    private static final MethodHandle SENDMSG =
            Linux.downcall("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    private FdMessage() {}

    /** How many bytes were taken, the descriptor with the first of them; 0 when the socket is full: nothing was sent. */
    public static int send(int socket, byte[] bytes, int passedFd) throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Linux.callState(arena);
            MemorySegment body = arena.allocateFrom(JAVA_BYTE, bytes);
            MemorySegment vector = arena.allocate(16, 8);
            vector.set(ADDRESS, 0, body);
            vector.set(JAVA_LONG, 8, bytes.length);
            MemorySegment control = arena.allocate(CMSG_SPACE_ONE_FD, 8);
            control.set(JAVA_LONG, 0, CMSG_LEN_ONE_FD);
            control.set(JAVA_INT, CMSG_LEVEL, SOL_SOCKET);
            control.set(JAVA_INT, CMSG_TYPE, SCM_RIGHTS);
            control.set(JAVA_INT, CMSG_DATA, passedFd);
            MemorySegment message = arena.allocate(MSGHDR_BYTES, 8);
            message.set(ADDRESS, MSG_IOV, vector);
            message.set(JAVA_LONG, MSG_IOVLEN, 1);
            message.set(ADDRESS, MSG_CONTROL, control);
            message.set(JAVA_LONG, MSG_CONTROLLEN, CMSG_SPACE_ONE_FD);
            long sent = (long) SENDMSG.invokeExact(state, socket, message, MSG_DONTWAIT_NOSIGNAL);
            if (sent >= 0) {
                return (int) sent;
            }
            int errno = Linux.errno(state);
            if (errno == OsFailure.EAGAIN || errno == OsFailure.EINTR) {
                return 0;
            }
            throw new OsFailure("pass descriptor " + passedFd, errno);
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("sendmsg is not callable", e);
        }
    }
}
