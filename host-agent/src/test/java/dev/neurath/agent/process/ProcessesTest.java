package dev.neurath.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.ProcessSignals.FreezeResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final List<ProcessIdentity> started = new ArrayList<>();

    @AfterEach
    void endWhatWasStarted() throws IOException {
        for (ProcessIdentity identity : started) {
            ProcessSignals.kill(identity, LIMIT);
        }
    }

    @Test
    void a_started_process_leads_its_own_session_and_inherits_nothing_but_files() throws IOException {
        ProcessIdentity process = start(List.of(), "/bin/sleep", "60");
        Path fds = Path.of("/proc", Integer.toString(process.pid()), "fd");
        awaitCommand(process, "/bin/sleep");
        try (var names = Files.list(fds)) {
            assertThat(names.map(name -> name.getFileName().toString())).containsExactlyInAnyOrder("0", "1", "2");
        }
        assertThat(Files.readSymbolicLink(fds.resolve("1"))).isEqualTo(directory.resolve("output"));
        String[] stat = Files.readString(Path.of("/proc", Integer.toString(process.pid()), "stat"))
                .split("\\) ")[1]
                .split(" ");
        assertThat(stat[3]).as("session id").isEqualTo(Integer.toString(process.pid()));
        assertThat(ProcessProbe.environment(process.pid())).hasValue(Map.of("GREETING", "hello"));
        assertThat(ProcessProbe.workingDirectory(process.pid())).hasValue(directory);
    }

    @Test
    void passed_descriptors_arrive_in_order_whatever_their_numbers_here() throws IOException {
        Path first = Files.writeString(directory.resolve("first"), "");
        Path second = Files.writeString(directory.resolve("second"), "");
        int a = Linux.openReadWrite(first, 0600);
        int b = Linux.openReadWrite(second, 0600);
        try {
            ProcessIdentity process = start(List.of(b, a), "/bin/sleep", "60");
            awaitCommand(process, "/bin/sleep");
            Path fds = Path.of("/proc", Integer.toString(process.pid()), "fd");
            assertThat(Files.readSymbolicLink(fds.resolve("3"))).isEqualTo(second);
            assertThat(Files.readSymbolicLink(fds.resolve("4"))).isEqualTo(first);
            assertThat(fds.resolve("5")).doesNotExist();
        } finally {
            Linux.close(a);
            Linux.close(b);
        }
    }

    @Test
    void a_missing_program_fails_at_the_start() {
        assertThatThrownBy(() -> start(List.of(), "/nowhere/qemu")).isInstanceOf(IOException.class);
    }

    @Test
    void freezing_is_confirmed_only_when_every_task_is_stopped() throws IOException {
        ProcessIdentity process = start(List.of(), "/bin/sh", "-c", "while :; do :; done");
        assertThat(ProcessSignals.freeze(process, LIMIT)).isEqualTo(FreezeResult.FROZEN);
        assertThat(ProcessProbe.liveness(process)).isEqualTo(ProcessProbe.Liveness.FROZEN);
        Duration used = ProcessProbe.processorTime(process.pid()).orElseThrow();
        assertThat(ProcessSignals.thaw(process)).isTrue();
        await(() -> ProcessProbe.processorTime(process.pid()).orElseThrow().compareTo(used) > 0);
        assertThat(ProcessProbe.liveness(process)).isEqualTo(ProcessProbe.Liveness.RUNNING);
    }

    @Test
    void all_threads_of_a_java_machine_are_seen_stopped() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path source = Files.writeString(
                directory.resolve("Wait.java"),
                "void main() throws Exception { new Thread(() -> { while (true) Thread.onSpinWait(); }).start(); }");
        ProcessIdentity process = start(List.of(), java.toString(), "-Xmx64m", source.toString());
        await(() -> ProcessProbe.tasks(process.pid()).ids().size() > 8);
        assertThat(ProcessSignals.freeze(process, LIMIT)).isEqualTo(FreezeResult.FROZEN);
        assertThat(ProcessProbe.tasks(process.pid()).states().values()).containsOnly('T');
    }

    @Test
    void a_killed_child_of_ours_leaves_no_zombie_and_counts_as_dead() throws IOException {
        ProcessIdentity process = start(List.of(), "/bin/sleep", "60");
        assertThat(ProcessSignals.kill(process, LIMIT)).isTrue();
        assertThat(ProcessProbe.liveness(process)).isEqualTo(ProcessProbe.Liveness.DEAD);
        assertThat(Path.of("/proc", Integer.toString(process.pid()))).doesNotExist();
        assertThat(ProcessSignals.freeze(process, LIMIT)).isEqualTo(FreezeResult.DEAD);
        assertThat(ProcessSignals.thaw(process)).isFalse();
    }

    @Test
    void a_process_that_ended_by_itself_is_dead_and_not_a_zombie() throws IOException {
        ProcessIdentity process = start(List.of(), "/bin/true");
        await(() -> ProcessProbe.liveness(process) == ProcessProbe.Liveness.DEAD);
        assertThat(Path.of("/proc", Integer.toString(process.pid()))).doesNotExist();
    }

    @Test
    void another_start_time_tag_or_boot_never_gets_a_signal() throws IOException {
        ProcessIdentity process = start(List.of(), "/bin/sleep", "60");
        ProcessIdentity reused =
                new ProcessIdentity(process.bootId(), process.pid(), process.startTimeTicks() - 1, process.tag());
        ProcessIdentity otherBoot = new ProcessIdentity(
                UUID.randomUUID().toString(), process.pid(), process.startTimeTicks(), process.tag());
        for (ProcessIdentity stranger : List.of(reused, otherBoot)) {
            assertThat(PidFd.open(stranger)).isEmpty();
            assertThat(ProcessSignals.kill(stranger, LIMIT)).isTrue();
            assertThat(ProcessProbe.liveness(stranger)).isEqualTo(ProcessProbe.Liveness.DEAD);
        }
        assertThat(ProcessProbe.liveness(process)).isEqualTo(ProcessProbe.Liveness.RUNNING);
    }

    @Test
    void a_stray_is_found_by_the_tag_in_its_command_line() throws IOException {
        String tag = "vm-7/3/" + UUID.randomUUID();
        ProcessIdentity process = start(List.of(), "/bin/sh", "-c", "sleep 60 & wait", "socket=/run/" + tag + "/qmp");
        ProcessIdentity sleeper = sleeperOf(process);
        started.add(sleeper);
        assertThat(ProcessScan.withTag(tag)).extracting(ProcessIdentity::pid).containsExactly(process.pid());
        ProcessSignals.kill(process, LIMIT);
        ProcessSignals.kill(sleeper, LIMIT);
        assertThat(ProcessScan.withTag(tag)).isEmpty();
    }

    @Test
    void shared_and_private_mappings_of_the_same_file_are_told_apart() throws IOException {
        Path file = directory.resolve("ram");
        try (RandomAccessFile ram = new RandomAccessFile(file.toFile(), "rw")) {
            ram.setLength(8192);
            var shared = ram.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 4096);
            var copyOnWrite = ram.getChannel().map(FileChannel.MapMode.PRIVATE, 4096, 4096);
            MemoryMap map = MemoryMap.of((int) ProcessHandle.current().pid()).orElseThrow();
            assertThat(map.of(MemoryMap.FileIdentity.of(file)))
                    .extracting(MemoryMap.Mapping::shared)
                    .containsExactlyInAnyOrder(true, false);
            assertThat(shared.get(0) + copyOnWrite.get(0)).isZero();
        }
    }

    @Test
    void a_closed_handle_reaches_no_process_however_often_it_is_closed() throws IOException {
        ProcessIdentity process = start(List.of(), "/bin/sleep", "60");
        PidFd handle = PidFd.open(process).orElseThrow();
        handle.close();
        // Gets the number that has become free.
        try (PidFd other = PidFd.open(process).orElseThrow()) {
            assertThatThrownBy(() -> handle.signal(Linux.SIGKILL)).isInstanceOf(IOException.class);
            assertThatThrownBy(handle::exited).isInstanceOf(IOException.class);
            handle.close();
            assertThat(other.exited()).isFalse();
        }
    }

    @Test
    void a_handle_that_is_closed_while_somebody_waits_serves_the_wait_to_its_end() throws Exception {
        ProcessIdentity process = start(List.of(), "/bin/sleep", "60");
        PidFd handle = PidFd.open(process).orElseThrow();
        var waits = new FutureTask<>(() -> handle.awaitExit(LIMIT));
        Thread waiting = Thread.ofPlatform().start(waits);
        await(() -> waiting.getState() == Thread.State.RUNNABLE
                && Arrays.stream(waiting.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("pollReadable")));
        handle.close();
        ProcessSignals.kill(process, LIMIT);
        assertThat(waits.get()).isTrue();
    }

    @Test
    void a_reader_of_the_log_is_no_stray() throws IOException {
        Path socket = directory.resolve("vm-7.3.abc.q");
        ProcessIdentity qemu =
                start(List.of(), "/bin/sh", "-c", "sleep 60 & wait", "socket,id=q,path=" + socket + ",server=on");
        ProcessIdentity reader = start(List.of(), "/bin/sh", "-c", "sleep 60 & wait", socket + ".log");
        ProcessIdentity longer =
                start(List.of(), "/bin/sh", "-c", "sleep 60 & wait", "socket,id=q,path=" + socket + "2,server=on");
        for (ProcessIdentity process : List.of(qemu, reader, longer)) {
            started.add(sleeperOf(process));
        }
        List<Integer> found = ProcessScan.listeningAt(socket, "tag").stream()
                .map(ProcessIdentity::pid)
                .toList();
        assertThat(found).containsExactly(qemu.pid());
    }

    @Test
    void the_group_of_one_machine_goes_without_that_of_another_whose_name_begins_so() throws IOException {
        Path root = Files.createDirectories(directory.resolve("cgroup"));
        Files.createFile(root.resolve("cgroup.controllers"));
        Path one = ControlGroup.create(root, "host-vm-1").directories().getFirst();
        Path ten = ControlGroup.create(root, "host-vm-10").directories().getFirst();
        ControlGroup.sweep(root, "host-vm-1"::equals);
        assertThat(one).doesNotExist();
        assertThat(ten).isDirectory();
    }

    @Test
    void a_group_that_cannot_be_joined_does_not_keep_the_program_from_starting() throws IOException {
        var gone = new ControlGroup(List.of(directory.resolve("gone")), "");
        ProcessIdentity process = ProcessLauncher.start(launch(List.of(), gone, "/bin/sleep", "60"));
        started.add(process);
        awaitCommand(process, "/bin/sleep");
        assertThat(ProcessProbe.liveness(process)).isEqualTo(ProcessProbe.Liveness.RUNNING);
    }

    @Test
    void rights_memory_and_groups_of_a_process_are_read() throws IOException {
        ProcessIdentity process = start(List.of(), "/bin/sleep", "60");
        awaitCommand(process, "/bin/sleep");
        ProcessProbe.Rights own =
                ProcessProbe.rights((int) ProcessHandle.current().pid()).orElseThrow();
        assertThat(ProcessProbe.rights(process.pid())).hasValue(own);
        assertThat(ProcessProbe.memory(process.pid()).orElseThrow().residentBytes())
                .isBetween(1L, 1L << 30);
        assertThat(ProcessProbe.controlGroups(process.pid())).isPresent();
        assertThat(ProcessProbe.parent(process.pid()))
                .hasValue((int) ProcessHandle.current().pid());
    }

    @Test
    void a_control_group_takes_the_process_or_says_why_there_is_none() throws IOException {
        String name = "test-" + UUID.randomUUID();
        ControlGroup group = ControlGroup.create(name);
        ProcessIdentity process = ProcessLauncher.start(launch(List.of(), group, "/bin/sleep", "60"));
        started.add(process);
        awaitCommand(process, "/bin/sleep");
        if (group.directories().isEmpty()) {
            assertThat(group.reason()).isNotBlank();
        }
        for (Path directory : group.directories()) {
            assertThat(Files.readString(directory.resolve("cgroup.procs")).strip())
                    .isEqualTo(Integer.toString(process.pid()));
        }
        ProcessSignals.kill(process, LIMIT);
        ControlGroup.sweep(name);
        assertThat(group.directories())
                .allSatisfy(directory -> assertThat(directory).doesNotExist());
    }

    private ProcessIdentity start(List<Integer> fds, String... argv) throws IOException {
        ProcessIdentity identity =
                ProcessLauncher.start(launch(fds, new ControlGroup(List.of(), "not asked for"), argv));
        started.add(identity);
        return identity;
    }

    private ProcessLauncher.Launch launch(List<Integer> fds, ControlGroup group, String... argv) {
        return new ProcessLauncher.Launch(
                List.of(argv), Map.of("GREETING", "hello"), directory, directory.resolve("output"), fds, group, "tag");
    }

    /** A shell's child, once it is one: until it executes its own program it carries the shell's command line. */
    private static ProcessIdentity sleeperOf(ProcessIdentity shell) throws IOException {
        var child = new AtomicReference<ProcessIdentity>();
        await(() -> {
            for (int pid : ProcessScan.pids()) {
                if (ProcessProbe.parent(pid).filter(p -> p == shell.pid()).isPresent()
                        && ProcessProbe.commandLine(pid).orElse(List.of()).contains("60")) {
                    child.set(ProcessIdentity.of(pid, "").orElseThrow());
                    return true;
                }
            }
            return false;
        });
        return child.get();
    }

    private static void awaitCommand(ProcessIdentity process, String program) throws IOException {
        // In the middle of exec the command line is empty.
        await(() -> ProcessProbe.commandLine(process.pid()).orElseThrow().stream()
                .findFirst()
                .equals(Optional.of(program)));
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void a_thread_that_takes_short_turns_starts_processes_with_usual_ones() throws Exception {
        assumeThat(Path.of("/proc/thread-self/sched")).exists();
        String[] kernel = System.getProperty("os.version").split("[^0-9]+");
        assumeThat(Integer.parseInt(kernel[0]) * 1000 + Integer.parseInt(kernel[1]))
                .as("the kernel's version")
                .isGreaterThanOrEqualTo(6012);
        var slices = new FutureTask<>(() -> {
            long usual = slice(Files.readString(Path.of("/proc/thread-self/sched")));
            Linux.takeShortTurns();
            long mine = slice(Files.readString(Path.of("/proc/thread-self/sched")));
            Process child = new ProcessBuilder("cat", "/proc/self/sched").start();
            long childs = slice(new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return List.of(usual, mine, childs);
        });
        Thread.ofPlatform().daemon().start(slices);

        List<Long> told = slices.get(10, TimeUnit.SECONDS);
        assertThat(told.get(0)).as("usual").isPositive();
        assertThat(told.get(1)).as("its own").isLessThan(told.get(0));
        assertThat(told.get(2)).as("its child's").isEqualTo(told.get(0));
    }

    /** In nanoseconds; 0 if the kernel does not say. */
    private static long slice(String sched) {
        return sched.lines()
                .filter(line -> line.startsWith("se.slice"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst()
                .orElse(0);
    }
}
