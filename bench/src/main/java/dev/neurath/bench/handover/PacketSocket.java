package dev.neurath.bench.handover;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.neurath.agent.os.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Whole frames to and from one network device, past the machine's own addresses and routes. Source: packet(7). One thread may send while another one receives;
 * what the device does not take is lost, as on a wire.
 */
final class PacketSocket implements AutoCloseable {
    private static final short AF_PACKET = 17;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final short ETH_P_ALL_IN_NETWORK_ORDER =
            (short) (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0x0300 : 0x0003);
    private static final int ADDRESS_BYTES = 20;
    private static final int DONT_WAIT = 0x40;
    private static final int FRAME_BYTES = 2048;
    /** EAGAIN, ENETDOWN, ENOBUFS: nobody has the device open, or its queue is full. */
    private static final Set<Integer> NOT_NOW = Set.of(11, 100, 105);

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET =
            downcall("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            downcall("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SEND =
            downcall("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECV =
            downcall("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private final int fd;

    private PacketSocket(int fd) {
        this.fd = fd;
    }

    @SuppressWarnings("restricted")
    private static MethodHandle downcall(String name, FunctionDescriptor shape) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(), shape, Linker.Option.captureCallState("errno"));
    }

    static PacketSocket on(String device) throws IOException {
        int index = Integer.parseInt(
                Files.readString(Path.of("/sys/class/net", device, "ifindex")).strip());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int fd = (int)
                    SOCKET.invokeExact(state, (int) AF_PACKET, SOCK_RAW_CLOEXEC, (int) ETH_P_ALL_IN_NETWORK_ORDER);
            if (fd < 0) {
                throw failure("open a packet socket", state);
            }
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
            address.set(JAVA_SHORT, 0, AF_PACKET);
            address.set(JAVA_SHORT, 2, ETH_P_ALL_IN_NETWORK_ORDER);
            address.set(JAVA_INT, 4, index);
            if ((int) BIND.invokeExact(state, fd, address, ADDRESS_BYTES) < 0) {
                IOException failure = failure("bind a packet socket to " + device, state);
                Linux.close(fd);
                throw failure;
            }
            return new PacketSocket(fd);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("socket or bind is not callable", e);
        }
    }

    int fd() {
        return fd;
    }

    void send(byte[] frame) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, frame);
            long sent = (long) SEND.invokeExact(state, fd, bytes, (long) frame.length, DONT_WAIT);
            if (sent < 0 && !NOT_NOW.contains(errno(state))) {
                throw failure("send a frame", state);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("send is not callable", e);
        }
    }

    /** Empty if none is there. */
    byte[] receive() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment bytes = arena.allocate(FRAME_BYTES);
            long received = (long) RECV.invokeExact(state, fd, bytes, (long) FRAME_BYTES, DONT_WAIT);
            if (received < 0 && !NOT_NOW.contains(errno(state))) {
                throw failure("receive a frame", state);
            }
            return bytes.asSlice(0, Math.max(0, received)).toArray(JAVA_BYTE);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("recv is not callable", e);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static IOException failure(String attempted, MemorySegment state) {
        return new IOException(attempted + ": errno " + errno(state));
    }

    @Override
    public void close() throws IOException {
        Linux.close(fd);
    }
}
