package dev.neurath.testbed.demo;

import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.testbed.demo.RunDirectories.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Starts the programs of one demo as processes of their own, each in the ledger as soon as it exists, its output in a file.
 *
 * <p>Once closed it starts nothing any more, so that an end in the middle of a start leaves nothing.
 */
final class Programs {
    /** What the launcher passes: where the class paths are, and which Java. */
    private static final String DIST = "neurath.dist";

    private final Run run;
    private final Ledger ledger;
    private boolean closed;

    Programs(Run run) throws IOException {
        this.run = run;
        this.ledger = new Ledger(run.ledger());
        ledger.add(ProcessIdentity.of((int) ProcessHandle.current().pid(), Ledger.DEMO)
                .orElseThrow());
    }

    /** A program that runs. */
    record Started(String name, ProcessIdentity identity, Process process, Path log) {
        void mustBeAlive() {
            if (!process.isAlive()) {
                throw new DemoFailure(name + " ended with exit code " + process.exitValue() + ": " + lastLine(log)
                        + " (log: " + log + ")");
            }
        }

        void await(String what, Duration limit, BooleanSupplier condition) {
            long giveUp = System.nanoTime() + limit.toNanos();
            while (!condition.getAsBoolean()) {
                mustBeAlive();
                if (System.nanoTime() > giveUp) {
                    throw new DemoFailure(name + ": " + what + " did not happen within " + limit.toSeconds()
                            + " s (log: " + log + ")");
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    synchronized Started start(String name, String module, String mainClass, List<String> flags, List<String> arguments)
            throws IOException {
        if (closed) {
            throw new DemoFailure("the demo is being ended");
        }
        Path temporary = Files.createDirectories(run.state("tmp"));
        List<String> command = new ArrayList<>(List.of("setsid", java()));
        command.addAll(flags());
        command.addAll(flags);
        // Nothing outside of the run's directories, not even when it is killed.
        command.addAll(
                List.of("-XX:-UsePerfData", "-Djava.io.tmpdir=" + temporary, "-cp", classPath(module), mainClass));
        command.addAll(arguments);
        Path log = run.log(name);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(run.home().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(log.toFile())
                .redirectErrorStream(true);
        builder.environment().put(LeftOvers.MARK, run.id());
        Process process = builder.start();
        ProcessIdentity identity = ProcessIdentity.of((int) process.pid(), name)
                .orElseThrow(() -> new DemoFailure(name + " ended at once (log: " + log + ")"));
        ledger.add(identity);
        return new Started(name, identity, process, log);
    }

    /** A process that one of ours started. */
    synchronized void note(ProcessIdentity process) throws IOException {
        if (!closed) {
            ledger.add(process);
        }
    }

    synchronized void close() {
        closed = true;
    }

    private static String java() {
        return System.getProperty("neurath.java", System.getProperty("java.home")) + "/bin/java";
    }

    private static List<String> flags() throws IOException {
        return List.of(Files.readString(dist().resolve("jvm.flags")).strip().split(" "));
    }

    private static String classPath(String module) throws IOException {
        return Files.readString(dist().resolve(module + ".classpath")).strip();
    }

    private static Path dist() {
        String dist = System.getProperty(DIST);
        if (dist == null) {
            throw new DemoFailure("a demo is started by the launcher: ./neurath demo");
        }
        return Path.of(dist);
    }

    private static String lastLine(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty() ? "it said nothing" : lines.getLast();
        } catch (IOException unreadable) {
            return "its log cannot be read: " + unreadable.getMessage();
        }
    }
}
