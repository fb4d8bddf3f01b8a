package dev.neurath.coordinator.testing;

import dev.neurath.coordinator.NodeMain;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node in a JVM of its own, so that it can be killed and stopped as a process. Ended by its pid, whatever the test did. */
public final class NodeProcess implements AutoCloseable {
    private static final Pattern CLUSTER = Pattern.compile("ready: .* cluster \\S+:(\\d+) ");
    private static final Pattern API = Pattern.compile("ready: api (\\S+) ");

    private final Process process;
    private final Path out;
    private final Path err;

    private NodeProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** @param directory of its own */
    public static NodeProcess start(Path directory, String databaseUrl) throws IOException {
        Files.createDirectories(directory);
        Path out = directory.resolve("stdout");
        Path err = directory.resolve("stderr");
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                NodeMain.class.getName()));
        command.addAll(List.of(
                "--state",
                directory.resolve("state").toString(),
                "--database",
                databaseUrl,
                "--api",
                "127.0.0.1:0",
                "--fleet",
                "test",
                "--plaintext"));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        return new NodeProcess(process, out, err);
    }

    /** @return its API's address, or empty while it is not ready */
    public String api() {
        Matcher ready = API.matcher(read(out));
        return ready.find() ? ready.group(1) : "";
    }

    /** @return port between nodes, of one that is ready */
    public int clusterPort() {
        Matcher ready = CLUSTER.matcher(read(out));
        if (!ready.find()) {
            throw new AssertionError("the node is not ready: " + read(out));
        }
        return Integer.parseInt(ready.group(1));
    }

    /** How often it said that it is ready. */
    public long readiness() {
        return API.matcher(read(out)).results().count();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** As the kernel does it, without a word to anybody. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    public String log() {
        return read(err);
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(name, process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("kill -%s %d ended with %d".formatted(name, process.pid(), exit));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError("the node's output cannot be read: " + file, e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
