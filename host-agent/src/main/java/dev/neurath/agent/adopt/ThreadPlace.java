package dev.neurath.agent.adopt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Where and when the kernel runs a thread.
 *
 * @param processors as a list, for example {@code 0-3,8}
 * @param scheduling nice value, real-time priority and policy
 */
record ThreadPlace(String processors, String scheduling) {
    private static final long COMMAND_SECONDS = 5;

    static ThreadPlace of(int pid, int thread) throws IOException {
        Path task = Path.of("/proc", Integer.toString(pid), "task", Integer.toString(thread));
        String processors = Files.readAllLines(task.resolve("status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
        return new ThreadPlace(processors, Surroundings.scheduling(Files.readString(task.resolve("stat"))));
    }

    /** As far as the kernel lets us; whoever wants to know looks afterwards. */
    void give(int thread) throws IOException {
        run("/usr/bin/taskset", "-p", "-c", processors, Integer.toString(thread));
        String[] wanted = scheduling.split(" ");
        String policy = StartWords.policy(wanted[2]);
        if (!policy.isEmpty()) {
            run("/usr/bin/chrt", policy, "-p", wanted[1], Integer.toString(thread));
        }
        run("/usr/bin/renice", "-n", wanted[0], "-p", Integer.toString(thread));
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + " does not end");
            }
            if (process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": "
                        + new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during " + String.join(" ", command), e);
        } finally {
            process.destroyForcibly();
        }
    }
}
