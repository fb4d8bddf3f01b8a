package dev.neurath.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of a short-lived program whose whole output is wanted. Output goes through files, so that a chatty program
 * can never block on a pipe that nobody reads. Long-lived processes (QEMU itself) are not started here.
 *
 * @param argv the program and its arguments
 * @param environment added to, or replacing, what this process inherited
 * @param limit after which the program is killed and the run counts as failed
 */
public record Command(List<String> argv, Map<String, String> environment, Duration limit) {

    public static Command of(Duration limit, List<String> argv) {
        return new Command(List.copyOf(argv), Map.of(), limit);
    }

    /**
     * What came out.
     *
     * @param exit the exit status, 0 for success
     */
    public record Finished(int exit, String stdout, String stderr) {}

    public Finished run() throws IOException, InterruptedException {
        Path stdout = Files.createTempFile("neurath-out", ".txt");
        Path stderr = Files.createTempFile("neurath-err", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(argv)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile());
            // Parsers of what the program prints must not meet a translated text.
            builder.environment().put("LC_ALL", "C");
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException("no end within " + limit.toSeconds() + " s: " + String.join(" ", argv));
                }
            } finally {
                process.destroyForcibly();
            }
            return new Finished(process.exitValue(), read(stdout), read(stderr));
        } finally {
            Files.deleteIfExists(stdout);
            Files.deleteIfExists(stderr);
        }
    }

    /** Runs it and insists on success. */
    public String output() throws IOException, InterruptedException {
        Finished finished = run();
        if (finished.exit() != 0) {
            throw new IOException("exit " + finished.exit() + " of " + argv.getFirst() + ": "
                    + (finished.stderr().isBlank() ? finished.stdout() : finished.stderr()).strip());
        }
        return finished.stdout();
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
