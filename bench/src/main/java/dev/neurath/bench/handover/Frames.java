package dev.neurath.bench.handover;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The few frames that a ping takes: an echo request, its answer, and the guest's question who it is that asks. Sources: RFC 792, RFC 826. The other end of
 * the wire is nobody: an address that the guest alone knows.
 */
final class Frames {
    static final String GUEST_MAC = "52:54:00:6e:65:01";

    private static final byte[] GUEST = {0x52, 0x54, 0x00, 0x6e, 0x65, 0x01};
    private static final byte[] NOBODY = {0x02, 0x00, 0x00, 0x6e, 0x65, 0x02};
    /** As the guest's script gives it to itself. */
    private static final byte[] GUEST_ADDRESS = {10, 0, 2, 15};

    private static final byte[] NOBODYS_ADDRESS = {10, 0, 2, 2};
    private static final short IP = 0x0800;
    private static final short ARP = 0x0806;
    private static final int ETHERNET_BYTES = 14;
    private static final int IP_BYTES = 20;
    private static final int ECHO_BYTES = 8;
    private static final int ARP_BYTES = 28;
    private static final byte ICMP = 1;
    private static final byte ECHO_REQUEST = 8;
    private static final byte ECHO_REPLY = 0;

    private Frames() {}

    /** @param number 16 bits of it are on the wire */
    static byte[] echoRequest(int number) {
        var frame = ByteBuffer.allocate(ETHERNET_BYTES + IP_BYTES + ECHO_BYTES);
        frame.put(GUEST).put(NOBODY).putShort(IP);
        frame.put((byte) 0x45).put((byte) 0).putShort((short) (IP_BYTES + ECHO_BYTES));
        frame.putInt(0).put((byte) 64).put(ICMP).putShort((short) 0);
        frame.put(NOBODYS_ADDRESS).put(GUEST_ADDRESS);
        frame.putShort(ETHERNET_BYTES + 10, sum(frame, ETHERNET_BYTES, IP_BYTES));
        frame.put(ECHO_REQUEST).put((byte) 0).putShort((short) 0).putShort((short) 0);
        frame.putShort((short) number);
        frame.putShort(ETHERNET_BYTES + IP_BYTES + 2, sum(frame, ETHERNET_BYTES + IP_BYTES, ECHO_BYTES));
        return frame.array();
    }

    /** The number of an echo's answer, if this frame of the guest's is one. */
    static OptionalInt answered(byte[] frame) {
        int echo = ETHERNET_BYTES + IP_BYTES;
        if (frame.length < echo + ECHO_BYTES || !from(frame, IP)) {
            return OptionalInt.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        boolean answer =
                frame[ETHERNET_BYTES] == 0x45 && frame[ETHERNET_BYTES + 9] == ICMP && frame[echo] == ECHO_REPLY;
        return answer ? OptionalInt.of(bytes.getShort(echo + 6) & 0xffff) : OptionalInt.empty();
    }

    /** What to say to a guest that asks where nobody is. */
    static Optional<byte[]> introduction(byte[] frame) {
        if (frame.length < ETHERNET_BYTES + ARP_BYTES || !from(frame, ARP)) {
            return Optional.empty();
        }
        boolean asks = frame[ETHERNET_BYTES + 7] == 1
                && Arrays.equals(frame, ETHERNET_BYTES + 24, ETHERNET_BYTES + 28, NOBODYS_ADDRESS, 0, 4);
        if (!asks) {
            return Optional.empty();
        }
        var answer = ByteBuffer.allocate(ETHERNET_BYTES + ARP_BYTES);
        answer.put(GUEST).put(NOBODY).putShort(ARP);
        answer.putShort((short) 1).putShort(IP).put((byte) 6).put((byte) 4).putShort((short) 2);
        answer.put(NOBODY).put(NOBODYS_ADDRESS).put(GUEST).put(GUEST_ADDRESS);
        return Optional.of(answer.array());
    }

    private static boolean from(byte[] frame, short protocol) {
        return Arrays.equals(frame, 6, 12, GUEST, 0, 6)
                && ByteBuffer.wrap(frame).getShort(12) == protocol;
    }

    /** RFC 1071. */
    private static short sum(ByteBuffer bytes, int from, int length) {
        int sum = 0;
        for (int at = from; at < from + length; at += 2) {
            sum += bytes.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~(sum + (sum >>> 16));
    }
}
