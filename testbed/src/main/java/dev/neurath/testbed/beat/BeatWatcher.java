package dev.neurath.testbed.beat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the logs of guests while they grow and stamps what arrives: from outside, knowing nothing of who writes. One
 * thread for all guests looks every millisecond, so that a stamp is late by about that; a look at a log without news is
 * one system call. A file-change notification would come once per byte, which is how a debug port writes.
 */
public final class BeatWatcher implements AutoCloseable {
    private static final long PERIOD_NANOS = 1_000_000;

    private final List<Tail> tails = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closing;

    private BeatWatcher() {
        thread = Thread.ofPlatform().daemon().name("beat-watcher").unstarted(this::look);
    }

    public static BeatWatcher start() {
        BeatWatcher watcher = new BeatWatcher();
        watcher.thread.start();
        return watcher;
    }

    /** Watches a log from its beginning; the file may come into being later. */
    public BeatLog watch(Path file) {
        Tail tail = new Tail(file);
        tails.add(tail);
        return tail.log;
    }

    /** For a guest that is gone, which would cost every later look a system call; what it has said stays. */
    public void forget(BeatLog log) {
        tails.stream().filter(tail -> tail.log == log).forEach(tail -> tail.forgotten = true);
    }

    private void look() {
        while (!closing) {
            long begin = System.nanoTime();
            for (Tail tail : tails) {
                tail.look();
            }
            tails.removeIf(tail -> tail.over);
            LockSupport.parkNanos(PERIOD_NANOS - (System.nanoTime() - begin));
        }
        tails.forEach(Tail::close);
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            // It ends within a period all the same; whoever interrupted us wants us gone now.
            Thread.currentThread().interrupt();
        }
    }

    /** One log: its place in the file and the line that is not whole yet. Used by the watcher's thread alone, but for the word to forget. */
    private static final class Tail {
        private final Path file;
        private final BeatLog log = new BeatLog();
        private final LineSplitter lines = new LineSplitter();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        private @Nullable FileChannel channel;
        private volatile boolean forgotten;
        private boolean over;
        private boolean failed;
        private long position;

        Tail(Path file) {
            this.file = file;
        }

        void look() {
            if (forgotten) {
                close();
                over = true;
                return;
            }
            if (failed) {
                return;
            }
            try {
                FileChannel open = channel;
                if (open == null) {
                    if (!Files.exists(file)) {
                        return;
                    }
                    open = FileChannel.open(file, StandardOpenOption.READ);
                    channel = open;
                }
                read(open);
            } catch (IOException e) {
                failed = true;
                log.trouble("the log cannot be read any further: " + e);
            }
        }

        private void read(FileChannel open) throws IOException {
            int count = open.read(buffer.clear(), position);
            if (count <= 0) {
                if (count < 0 && position > 0 && open.size() < position) {
                    log.trouble("the log was cut from %d to %d bytes".formatted(position, open.size()));
                    position = 0;
                }
                return;
            }
            long now = System.nanoTime();
            position += count;
            for (String line : lines.accept(buffer.flip())) {
                log.accept(GuestLine.parse(line), now);
            }
        }

        void close() {
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (IOException e) {
                log.trouble("the log cannot be closed: " + e);
            }
        }
    }
}
