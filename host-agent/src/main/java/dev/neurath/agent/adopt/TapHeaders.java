package dev.neurath.agent.adopt;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.os.OsFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How many bytes stand before each frame on the tap queues that two QEMUs share. The guest chose it together with the running one; a QEMU that is being built on
 * the same queue sets it as for a guest that has chosen nothing (net/tap.c), and from then on the running one reads and writes every frame in the wrong place.
 *
 * @param bytes one for each descriptor, in their order
 */
public record TapHeaders(List<Integer> bytes) {
    /** struct virtio_net_hdr, without the number of buffers. */
    private static final int OF_A_FRESH_QEMU = 10;

    // linux/if_tun.h
    private static final long TUNGETVNETHDRSZ = 0x800454d7L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;

    public TapHeaders {
        bytes = List.copyOf(bytes);
    }

    /** @param taps descriptors of this process */
    public static TapHeaders of(List<Integer> taps) throws OsFailure {
        var bytes = new ArrayList<Integer>();
        for (int tap : taps) {
            bytes.add(read(tap));
        }
        return new TapHeaders(bytes);
    }

    /**
     * Puts back what a QEMU that is being built has set; what is neither that nor as it was, the guest has chosen meanwhile.
     *
     * @param taps the same queues in the same order
     * @return as the guest has them now
     */
    public TapHeaders kept(List<Integer> taps) throws OsFailure {
        var now = new ArrayList<Integer>();
        for (int i = 0; i < bytes.size(); i++) {
            int seen = read(taps.get(i));
            if (seen == OF_A_FRESH_QEMU && bytes.get(i) != OF_A_FRESH_QEMU) {
                var unused =
                        Linux.ioctl("set the header length of a tap queue", taps.get(i), TUNSETVNETHDRSZ, bytes.get(i));
                now.add(bytes.get(i));
            } else {
                now.add(seen);
            }
        }
        return new TapHeaders(now);
    }

    private static int read(int tap) throws OsFailure {
        return Linux.ioctl("read the header length of a tap queue", tap, TUNGETVNETHDRSZ, 0);
    }

    /** For whoever takes an attempt back without having begun it. */
    public void write(Path file) throws IOException {
        Files.writeString(file, bytes.stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }

    /** None if nothing was written. */
    public static TapHeaders written(Path file) throws IOException {
        try {
            String text = Files.readString(file).strip();
            return new TapHeaders(
                    text.isEmpty()
                            ? List.of()
                            : Arrays.stream(text.split(" "))
                                    .map(Integer::valueOf)
                                    .toList());
        } catch (NoSuchFileException e) {
            return new TapHeaders(List.of());
        }
    }
}
