package dev.neurath.agent.vm;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * Which start of the agent this is. It grows with every start and is never below the clock's seconds, so that an agent whose disk was lost is not taken for
 * its own past. It is on disk before anything is reported under it, and not before the guests have been looked after: that needs no room on the disk.
 */
final class Incarnation {
    private final Path file;
    private final long number;
    private boolean written;

    private Incarnation(Path file, long number) {
        this.file = file;
        this.number = number;
    }

    /** The one after that which is written there. */
    static Incarnation after(Path state) throws IOException {
        Path file = state.resolve("incarnation");
        long before = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
        return new Incarnation(file, Math.max(before + 1, Instant.now().getEpochSecond()));
    }

    long number() {
        return number;
    }

    /** Durable when this returns; again it does nothing. */
    synchronized void write() throws IOException {
        if (written) {
            return;
        }
        Path draft = file.resolveSibling("incarnation.new");
        Files.writeString(draft, Long.toString(number));
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        written = true;
    }
}
