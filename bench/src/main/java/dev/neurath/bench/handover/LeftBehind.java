package dev.neurath.bench.handover;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Ends every process that names a directory of the run's own, whoever started it. */
final class LeftBehind {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private LeftBehind() {}

    static void end(String place) throws IOException {
        for (ProcessIdentity left : ProcessScan.withTag(place)) {
            Optional<PidFd> opened = PidFd.open(left);
            if (opened.isPresent()) {
                try (PidFd handle = opened.get()) {
                    handle.signal(Linux.SIGKILL);
                    handle.awaitExit(LIMIT);
                }
            }
        }
    }
}
