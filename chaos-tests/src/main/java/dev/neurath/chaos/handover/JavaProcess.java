package dev.neurath.chaos.handover;

import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of ours, on this one's classpath, that can be killed with -9 and waited for. Its output goes to a file. */
public final class JavaProcess {
    private static final List<String> FLAGS = List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseCompactObjectHeaders");

    private final Process process;

    private JavaProcess(Process process) {
        this.process = process;
    }

    public static JavaProcess start(String mainClass, List<String> arguments, Path output) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        return start(new ProcessBuilder(command), output);
    }

    /**
     * One of another build, by the launcher of its checkout, which becomes that JVM itself.
     *
     * @param launcher has nothing left to build: what it does before would count as the JVM's start
     */
    public static JavaProcess launch(Path launcher, String verb, List<String> arguments, Path output)
            throws IOException {
        var command = new ArrayList<>(List.of(launcher.toString(), verb));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().put("NEURATH_JVM_FLAGS", "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        return start(builder, output);
    }

    private static JavaProcess start(ProcessBuilder builder, Path output) throws IOException {
        return new JavaProcess(builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start());
    }

    /** A line on its stdin. */
    public void tell(String line) throws IOException {
        Writer in = process.outputWriter(StandardCharsets.UTF_8);
        in.write(line + "\n");
        in.flush();
    }

    public long pid() {
        return process.pid();
    }

    /** SIGKILL, seen dead. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + pid() + " does not die");
        }
    }

    public void signal(int signal) throws IOException {
        ProcessIdentity identity =
                ProcessIdentity.of((int) pid(), "").orElseThrow(() -> new IOException("process " + pid() + " is gone"));
        try (PidFd handle = PidFd.open(identity).orElseThrow(() -> new IOException("process " + pid() + " is gone"))) {
            handle.signal(signal);
        }
    }

    /** SIGTERM; SIGKILL if that takes longer than {@code limit}. */
    public void end(Duration limit) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
        }
    }

    public boolean alive() {
        return process.isAlive();
    }
}
