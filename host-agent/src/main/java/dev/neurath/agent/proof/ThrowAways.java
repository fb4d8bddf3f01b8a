package dev.neurath.agent.proof;

import dev.neurath.agent.handover.AttemptPaths;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessLauncher;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.qemu.QemuOutput;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.release.ReleaseManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * QEMUs without a guest, and the files they use. All names begin with what no VM's id can begin with, so that after a crash of the agent whatever bears one is
 * known to be nobody's.
 */
public final class ThrowAways {
    private static final Logger LOG = LoggerFactory.getLogger(ThrowAways.class);
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    /** An id begins with a letter or a digit. */
    private static final String MARK = "_proof.";

    private final Path run;
    private final Path ram;
    private final QmpConnector connector;
    private final Supplier<String> nonce;

    /**
     * @param run for sockets and output, short-lived
     * @param ram tmpfs, for memory that stays empty
     */
    public ThrowAways(Path run, Path ram, QmpConnector connector, Supplier<String> nonce) {
        this.run = run;
        this.ram = ram;
        this.connector = connector;
        this.nonce = nonce;
    }

    /** One QEMU without a guest; closing it ends it and removes what it leaves behind. */
    public final class ThrowAway implements AutoCloseable {
        private final AttemptPaths paths;
        private final QemuSide side;

        private ThrowAway(AttemptPaths paths, QemuSide side) {
            this.paths = paths;
            this.side = side;
        }

        AttemptPaths paths() {
            return paths;
        }

        QemuSide side() {
            return side;
        }

        /** What it complained of, without what it only warned of. */
        String complaint() throws IOException {
            return QemuOutput.complaint(output(paths.tag()));
        }

        @Override
        public void close() throws IOException {
            ProcessSignals.kill(side.identity(), END_LIMIT);
            side.close();
            removeFiles(paths);
        }
    }

    AttemptPaths newPaths() {
        return AttemptPaths.ofTag(run, MARK + nonce.get());
    }

    ThrowAway start(ReleaseManifest release, List<String> argv, AttemptPaths paths) throws IOException {
        ProcessIdentity process = ProcessLauncher.start(new ProcessLauncher.Launch(
                argv,
                release.environment(),
                run,
                output(paths.tag()),
                List.of(),
                new ControlGroup(List.of(), "lives for an instant"),
                paths.tag()));
        return new ThrowAway(paths, QemuSide.of(process, paths.control(), connector));
    }

    /** A file of this size that takes no memory as long as nobody writes to it. */
    Path newMemory(long bytes) throws IOException {
        Path file = ram.resolve(MARK + nonce.get() + ".ram");
        try (var made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(bytes);
        }
        return file;
    }

    /** What an agent that died left behind; called before any is started. */
    public void sweep() throws IOException {
        // Looked for until none is found: one walk can miss a process that is being started.
        List<ProcessIdentity> found = ProcessScan.listeningBelow(run.resolve(MARK));
        while (!found.isEmpty()) {
            for (ProcessIdentity process : found) {
                LOG.info("Process {} is a left-over of a probe: ended", process.pid());
                if (!ProcessSignals.kill(process, END_LIMIT)) {
                    throw new IOException("process " + process.pid() + " is still there after SIGKILL");
                }
            }
            found = ProcessScan.listeningBelow(run.resolve(MARK));
        }
        for (Path directory : List.of(run, ram)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, MARK + "*")) {
                for (Path file : files) {
                    if (directory.equals(run)
                            || ProcessScan.mapping(FileIdentity.of(file))
                                    .found()
                                    .isEmpty()) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        }
    }

    private Path output(String tag) {
        return run.resolve(tag + ".log");
    }

    private void removeFiles(AttemptPaths paths) throws IOException {
        for (Path file : List.of(paths.control(), paths.stream(), paths.channel(), output(paths.tag()))) {
            Files.deleteIfExists(file);
        }
    }
}
