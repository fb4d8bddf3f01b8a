package dev.neurath.bench.handover;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The baseline: cpr-transfer as fast as QMP allows, and nothing else. No check, no log, no way back: whatever goes wrong ends the run. With
 * {@link BareQmp} it is what a careful script would be, warm and event-driven; under 200 lines, both together 250.
 */
final class BareHandOver {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private BareHandOver() {}

    static HandOverFigures of(BareVm vm) throws IOException, InterruptedException {
        try (var qmp = new BareQmp();
                BareQmp.Side old = qmp.connect(vm.oldSocket(), vm.old()::isAlive)) {
            set(old);
            old.execute("migrate-set-parameters", Map.of("mode", "cpr-transfer"));
            var meter = vm.meter();
            meter.enters(Part.START_NEW);
            Process started = vm.startNew();
            Map<String, Object> main = address("main", vm.stream().toString());
            Map<String, Object> cpr = address("cpr", vm.channel().toString());
            while (!old.tried("migrate", Map.of("channels", List.of(main, cpr)))) {
                qmp.pause();
                if (!started.isAlive()) {
                    throw new IOException("the new QEMU ended with " + started.exitValue());
                }
            }
            meter.enters(Part.CHECK);
            try (BareQmp.Side fresh = qmp.connect(vm.newSocket(), started::isAlive)) {
                set(fresh);
                meter.enters(Part.SWITCH);
                fresh.send("migrate-incoming", Map.of("channels", List.of(main)));
                qmp.until(() -> old.migration.equals("completed") && fresh.migration.equals("completed"), LIMIT);
                fresh.send("cont", Map.of());
                qmp.until(() -> fresh.resumed != null, LIMIT);
                meter.enters(Part.END_OLD);
                meter.oldEnds();
                old.send("quit", Map.of());
                vm.old().waitFor();
                return meter.end(
                        Duration.between(Objects.requireNonNull(old.stopped), Objects.requireNonNull(fresh.resumed)),
                        started.pid());
            }
        }
    }

    private static void set(BareQmp.Side side) throws IOException {
        side.execute(
                "migrate-set-capabilities",
                Map.of(
                        "capabilities",
                        List.of(
                                Map.of("capability", "events", "state", true),
                                Map.of("capability", "return-path", "state", true))));
    }

    private static Map<String, Object> address(String type, String path) {
        return Map.of("channel-type", type, "addr", Map.of("transport", "socket", "type", "unix", "path", path));
    }
}
