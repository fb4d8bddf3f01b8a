package dev.neurath.testbed;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Keeps two fetchers out of one cache directory, be they threads of this JVM or processes of this machine. The kernel
 * drops the lock with its holder, so a killed fetcher never leaves the cache locked.
 */
public final class CacheLock implements AutoCloseable {
    // A file lock belongs to the whole JVM: a second thread would get an exception instead of waiting its turn.
    private static final Map<Path, ReentrantLock> WITHIN_JVM = new ConcurrentHashMap<>();

    private final ReentrantLock threads;
    private final FileChannel channel;

    private CacheLock(ReentrantLock threads, FileChannel channel) {
        this.threads = threads;
        this.channel = channel;
    }

    public static CacheLock of(Path directory, Consumer<String> progress) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path file = directory.toRealPath().resolve("lock");
        ReentrantLock threads = WITHIN_JVM.computeIfAbsent(file, key -> new ReentrantLock());
        if (!threads.tryLock()) {
            progress.accept("waiting for another fetch in " + directory);
            threads.lockInterruptibly();
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                progress.accept("waiting for another process's fetch in " + directory);
                channel.lock();
            }
            return new CacheLock(threads, channel);
        } catch (IOException | RuntimeException | Error e) {
            if (channel != null) {
                channel.close();
            }
            threads.unlock();
            throw e;
        }
    }

    /** False once it has been given back. */
    public boolean isHeld() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            threads.unlock();
        }
    }
}
