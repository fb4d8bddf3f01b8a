package dev.neurath.bench.handover;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The other baseline: ordinary pre-copy to a second QEMU on the same host, over a UNIX socket and without a limit of bandwidth, with QEMU's default
 * downtime limit of 300 ms. The guest's memory is copied while it is being written to.
 */
final class LiveMigration {
    /** A guest that writes faster than is copied never gets there. */
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** Bytes a second; more than memory is copied at. */
    private static final long NO_LIMIT = 100_000_000_000L;

    private LiveMigration() {}

    static HandOverFigures of(BareVm vm) throws IOException, InterruptedException {
        try (var qmp = new BareQmp();
                BareQmp.Side old = qmp.connect(vm.oldSocket(), vm.old()::isAlive)) {
            var meter = vm.meterOfCopy();
            meter.enters(Part.START_NEW);
            Process started = vm.startCopy();
            try (BareQmp.Side fresh = qmp.connect(vm.newSocket(), started::isAlive)) {
                meter.enters(Part.SWITCH);
                Duration pause = copied(qmp, old, fresh, vm.stream());
                meter.enters(Part.END_OLD);
                meter.oldEnds();
                old.send("quit", Map.of());
                vm.old().waitFor();
                return meter.end(pause, started.pid());
            }
        }
    }

    /** The guest runs on in new when this returns, and old still waits. */
    static Duration copied(BareQmp qmp, BareQmp.Side old, BareQmp.Side fresh, Path stream) throws IOException {
        for (BareQmp.Side side : List.of(old, fresh)) {
            side.execute(
                    "migrate-set-capabilities",
                    Map.of(
                            "capabilities",
                            List.of(
                                    Map.of("capability", "events", "state", true),
                                    Map.of("capability", "return-path", "state", true))));
        }
        old.execute("migrate-set-parameters", Map.of("max-bandwidth", NO_LIMIT));
        String uri = "unix:" + stream;
        fresh.execute("migrate-incoming", Map.of("uri", uri));
        old.execute("migrate", Map.of("uri", uri));
        qmp.until(() -> old.migration.equals("completed") && fresh.migration.equals("completed"), LIMIT);
        fresh.send("cont", Map.of());
        qmp.until(() -> fresh.resumed != null, LIMIT);
        return Duration.between(Objects.requireNonNull(old.stopped), Objects.requireNonNull(fresh.resumed));
    }
}
