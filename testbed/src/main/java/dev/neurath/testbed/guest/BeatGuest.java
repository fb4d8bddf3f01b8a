package dev.neurath.testbed.guest;

import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.apt.PackageFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The bare-metal guest that beats, dirties memory and checks all of it; its source is beside this module's code in
 * {@code src/main/guest/beat}. The kernel and its parameters are the same for the old QEMU and the new: a VM keeps one
 * of these for its whole life.
 *
 * @param hz beats per second, 19 to 1000; under emulation a beat costs about 10 system calls
 * @param dirtyPages pages written per beat, 4 KiB each
 * @param workingSetMiB the memory that is written round and round
 * @param verifyPages pages checked per beat, all over the RAM
 */
public record BeatGuest(int hz, int dirtyPages, int workingSetMiB, int verifyPages) {
    /** Where the guest's lines come out of the machine. */
    public static final int DEBUG_PORT = 0xe9;

    public BeatGuest {
        // 19: the slowest the timer of a PC goes. 1000: what one core emulates beside its work.
        if (hz < 19 || hz > 1000) {
            throw new IllegalArgumentException("hz from 19 to 1000, not " + hz);
        }
    }

    /** 1 kHz, 256 MB/s dirtied: about 9 % of a core each under emulation. A pause is seen to the millisecond. */
    public static BeatGuest lively() {
        return new BeatGuest(1000, 64, 64, 64);
    }

    /** 100 Hz, 3 MB/s dirtied: about 1 % of a core each, so that 16 fit beside other work. A pause is seen to 10 ms. */
    public static BeatGuest gentle() {
        return new BeatGuest(100, 8, 16, 16);
    }

    /** The same with another working set. */
    public BeatGuest over(int otherWorkingSetMiB) {
        return new BeatGuest(hz, dirtyPages, otherWorkingSetMiB, verifyPages);
    }

    /** What to give as {@code -append}. */
    public String append() {
        return "hz=%d dpt=%d ws=%d vpt=%d".formatted(hz, dirtyPages, workingSetMiB, verifyPages);
    }

    /** The kernel to give as {@code -kernel}: taken out of this module into the user's cache, named by its content. */
    public static Path kernel(UserCache cache) throws IOException {
        Files.createDirectories(cache.guests());
        Path beside = Files.createTempFile(cache.guests(), ".beat", ".elf");
        try (InputStream in = BeatGuest.class.getResourceAsStream("beat.elf")) {
            if (in == null) {
                throw new IllegalStateException("beat.elf is missing from the class path");
            }
            Files.copy(in, beside, StandardCopyOption.REPLACE_EXISTING);
        }
        Path kernel =
                cache.guests().resolve("beat-" + PackageFiles.sha256(beside).substring(0, 12) + ".elf");
        Files.move(beside, kernel, StandardCopyOption.ATOMIC_MOVE);
        return kernel;
    }

    /** The QEMU arguments that boot it and send its lines to the end of a file, which a second QEMU may share. */
    public List<String> arguments(UserCache cache, Path log) throws IOException {
        return List.of(
                "-kernel",
                kernel(cache).toString(),
                "-append",
                append(),
                "-chardev",
                "file,id=beat,append=on,path=" + log,
                "-device",
                "isa-debugcon,iobase=0x" + Integer.toHexString(DEBUG_PORT) + ",chardev=beat");
    }
}
