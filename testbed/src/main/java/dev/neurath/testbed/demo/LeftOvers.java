package dev.neurath.testbed.demo;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.vm.AgentDirectories;
import dev.neurath.testbed.demo.RunDirectories.Run;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Ends everything that belongs to a demo, be it this one's end, or what a killed one left.
 *
 * <p>First those that start others, then the QEMUs, the database last and in good order, for it leaves shared memory otherwise. A process
 * belongs to a demo if the ledger has it, if it inherited the demo's mark, or if it is a QEMU or a PostgreSQL on files of that demo;
 * each is ended by pid and start time.
 */
final class LeftOvers {
    /** In the environment of whatever a demo starts. */
    static final String MARK = "NEURATH_DEMO";

    /** signal(7). */
    private static final int SIGINT = 2;

    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final Duration DATABASE_LIMIT = Duration.ofSeconds(15);
    private static final int ROUNDS = 5;

    private final RunDirectories runs;
    private final Consumer<String> progress;

    LeftOvers(RunDirectories runs, Consumer<String> progress) {
        this.runs = runs;
        this.progress = progress;
    }

    /** What demos left that are gone and had not been told to keep it. */
    void endAbandoned() throws IOException {
        for (Run run : runs.all()) {
            if (!run.isOver() && !Files.exists(run.keptMark()) && !isLed(run)) {
                progress.accept("ending what an earlier demo left (" + run.id() + ")");
                end(run);
            }
        }
        runs.forgetOldLogs();
    }

    /** All but demos that are at work. */
    void endAll() throws IOException {
        for (Run run : runs.all()) {
            if (isLed(run)) {
                progress.accept("demo " + run.id() + " is at work; it is left alone");
            } else if (!run.isOver()) {
                end(run);
                progress.accept("ended demo " + run.id());
            }
            if (run.isOver()) {
                Trees.delete(run.home());
            }
        }
    }

    /** Its processes, then its memory; of the directory in the cache the logs stay. */
    void end(Run run) throws IOException {
        List<ProcessIdentity> left = List.of();
        // What is being started while we look shows up in the next round.
        for (int round = 0; round < ROUNDS; round++) {
            left = belonging(run);
            if (left.isEmpty()) {
                break;
            }
            endInOrder(run, left);
        }
        if (!left.isEmpty() && !belonging(run).isEmpty()) {
            throw new DemoFailure("processes of demo " + run.id() + " could not be ended: " + left);
        }
        Trees.delete(run.memory());
        try (DirectoryStream<Path> states = Files.newDirectoryStream(run.home(), Files::isDirectory)) {
            for (Path state : states) {
                ControlGroup.sweep(
                        AgentDirectories.groupPrefix(state, state.getFileName().toString()));
                Trees.delete(state);
            }
        }
        Files.deleteIfExists(run.keptMark());
        Files.deleteIfExists(run.ledger());
    }

    private boolean isLed(Run run) throws IOException {
        if (!Files.exists(run.ledger())) {
            return false;
        }
        for (ProcessIdentity process : new Ledger(run.ledger()).processes()) {
            if (process.tag().equals(Ledger.DEMO) && isAlive(process)) {
                return true;
            }
        }
        return false;
    }

    private static void endInOrder(Run run, List<ProcessIdentity> processes) throws IOException {
        Predicate<ProcessIdentity> database = process -> isDatabase(run, process.pid());
        Predicate<ProcessIdentity> qemu = process -> isQemu(run, process.pid());
        for (ProcessIdentity process : processes) {
            if (!database.test(process) && !qemu.test(process)) {
                ProcessSignals.kill(process, KILL_LIMIT);
            }
        }
        for (ProcessIdentity process : processes) {
            if (qemu.test(process)) {
                ProcessSignals.kill(process, KILL_LIMIT);
            }
        }
        for (ProcessIdentity process : processes) {
            if (isDatabaseServer(process.pid())) {
                endDatabase(process);
            }
        }
        // Its workers end with it; one that did not hangs on nothing any more.
        for (ProcessIdentity process : processes) {
            ProcessSignals.kill(process, KILL_LIMIT);
        }
    }

    private static void endDatabase(ProcessIdentity process) throws IOException {
        Optional<PidFd> opened = PidFd.open(process);
        if (opened.isEmpty()) {
            return;
        }
        try (PidFd server = opened.get()) {
            // "Fast shutdown" of PostgreSQL: it ends its sessions, and gives its shared memory back.
            server.signal(SIGINT);
            if (!server.awaitExit(DATABASE_LIMIT)) {
                server.signal(Linux.SIGKILL);
                server.awaitExit(KILL_LIMIT);
            }
        }
    }

    private static List<ProcessIdentity> belonging(Run run) throws IOException {
        List<ProcessIdentity> found = new ArrayList<>();
        int self = (int) ProcessHandle.current().pid();
        if (Files.exists(run.ledger())) {
            for (ProcessIdentity process : new Ledger(run.ledger()).processes()) {
                if (process.pid() != self && isAlive(process)) {
                    found.add(process);
                }
            }
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path entry : entries) {
                int pid = Integer.parseInt(entry.getFileName().toString());
                boolean known = pid == self || found.stream().anyMatch(process -> process.pid() == pid);
                if (!known && (isMarked(run, pid) || isQemu(run, pid) || isDatabase(run, pid))) {
                    ProcessIdentity.of(pid, "")
                            .filter(LeftOvers::isAliveUnchecked)
                            .ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private static boolean isMarked(Run run, int pid) {
        return probe(() -> ProcessProbe.environment(pid))
                .filter(environment -> run.id().equals(environment.get(MARK)))
                .isPresent();
    }

    private static boolean isQemu(Run run, int pid) {
        return probe(() -> ProcessProbe.commandLine(pid))
                .filter(argv -> argv.contains("-machine")
                        && argv.stream().anyMatch(argument -> argument.contains(run.memory() + "/")))
                .isPresent();
    }

    /** The server or one of its workers: they rename themselves, but all stand in the data directory. */
    private static boolean isDatabase(Run run, int pid) {
        return probe(() -> ProcessProbe.workingDirectory(pid))
                .filter(directory -> directory.startsWith(run.home()) && Files.exists(directory.resolve("PG_VERSION")))
                .isPresent();
    }

    private static boolean isDatabaseServer(int pid) {
        return probe(() -> ProcessProbe.workingDirectory(pid))
                .map(directory -> directory.resolve("postmaster.pid"))
                .filter(Files::exists)
                .flatMap(file -> probe(() -> Files.readAllLines(file).stream().findFirst()))
                .filter(line -> line.strip().equals(String.valueOf(pid)))
                .isPresent();
    }

    private interface Probe<T> {
        Optional<T> look() throws IOException;
    }

    /** Processes of other users, and those that end while they are looked at, tell nothing, and are not ours. */
    private static <T> Optional<T> probe(Probe<T> probe) {
        try {
            return probe.look();
        } catch (IOException hidden) {
            return Optional.empty();
        }
    }

    private static boolean isAlive(ProcessIdentity process) throws IOException {
        return ProcessProbe.liveness(process) != ProcessProbe.Liveness.DEAD;
    }

    private static boolean isAliveUnchecked(ProcessIdentity process) {
        return probe(() -> Optional.of(isAlive(process))).orElse(false);
    }
}
