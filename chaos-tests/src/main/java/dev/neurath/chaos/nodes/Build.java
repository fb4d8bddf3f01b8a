package dev.neurath.chaos.nodes;

import dev.neurath.agent.AgentMain;
import dev.neurath.chaos.handover.JavaProcess;
import dev.neurath.coordinator.NodeMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Which build of Neurath a process is of: this one, or that of another checkout. */
public final class Build {
    private static final Duration TO_BUILD = Duration.ofMinutes(15);

    /** The one that this program is of. */
    public static final Build THIS = new Build(null);

    private final @Nullable Path launcher;

    private Build(@Nullable Path launcher) {
        this.launcher = launcher;
    }

    /**
     * Builds it if need be.
     *
     * @param checkout a directory with Neurath's sources and its launcher
     * @throws IOException if there is none, or it cannot be built
     */
    public static Build of(Path checkout) throws IOException, InterruptedException {
        Path launcher = checkout.toAbsolutePath().normalize().resolve("neurath");
        if (!Files.isExecutable(launcher)) {
            throw new IOException("there is no launcher at " + launcher);
        }
        Process built = new ProcessBuilder(launcher.toString(), "version")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!built.waitFor(TO_BUILD.toSeconds(), TimeUnit.SECONDS)) {
            built.destroyForcibly();
            throw new IOException(launcher + " did not build within " + TO_BUILD.toMinutes() + " min");
        }
        if (built.exitValue() != 0) {
            throw new IOException(launcher + " version ended with " + built.exitValue());
        }
        return new Build(launcher);
    }

    JavaProcess node(List<String> arguments, Path log) throws IOException {
        return launcher == null
                ? JavaProcess.start(NodeMain.class.getName(), arguments, log)
                : JavaProcess.launch(launcher, "up", arguments, log);
    }

    JavaProcess agent(List<String> arguments, Path log) throws IOException {
        return launcher == null
                ? JavaProcess.start(AgentMain.class.getName(), arguments, log)
                : JavaProcess.launch(launcher, "agent", arguments, log);
    }
}
