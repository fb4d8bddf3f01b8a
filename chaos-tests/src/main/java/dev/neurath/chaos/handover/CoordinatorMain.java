package dev.neurath.chaos.handover;

import dev.neurath.codec.VmCodec;
import dev.neurath.model.Actor;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.ReleaseCatalog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A {@link RulesCoordinator} that remembers: its commands come as lines on stdin, its answers are its journal. It ends with its stdin. */
public final class CoordinatorMain {
    private CoordinatorMain() {}

    static Path journal(Path place) {
        return place.resolve("journal");
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // its output is a file that the one who started it shows
    public static void main(String[] arguments) {
        System.setProperty("logback.configurationFile", "dev/neurath/chaos/logback-chaos.xml");
        int status = 0;
        try {
            run(arguments);
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            status = 1;
        }
        // Its threads would keep a coordinator alive that nobody can command any more.
        Runtime.getRuntime().halt(status);
    }

    private static void run(String[] arguments) throws IOException {
        var host = new HostId(arguments[0]);
        int port = Integer.parseInt(arguments[1]);
        Path place = Path.of(arguments[2]);
        ReleaseCatalog releases = ReleaseCatalog.parseFrom(Files.readAllBytes(place.resolve("releases")));
        try (var timer = Executors.newSingleThreadScheduledExecutor();
                var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            var coordinator = RulesCoordinator.durable(host, releases, port, journal(place));
            ScheduledFuture<?> repeating = timer.scheduleWithFixedDelay(coordinator::repeat, 1, 1, TimeUnit.SECONDS);
            for (String line = lines.readLine(); line != null && !repeating.isDone(); line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "start" -> {
                        VmSpec spec = VmCodec.decode(dev.neurath.proto.v1.VmSpec.parseFrom(
                                Base64.getDecoder().decode(words[1])));
                        coordinator.command(spec.id(), new VmCommand.Start(spec, host, Actor.LOCAL));
                    }
                    case "upgrade" ->
                        coordinator.command(
                                new VmId(words[1]),
                                new VmCommand.Upgrade(
                                        new RolloutId("r-1"),
                                        0,
                                        1,
                                        new ReleaseId(words[2]),
                                        Method.valueOf(words[3]),
                                        words[4],
                                        Duration.parse(words[5])));
                    default -> throw new IllegalArgumentException("not a command: " + line);
                }
            }
        }
    }
}
