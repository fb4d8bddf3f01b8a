package dev.neurath.testbed.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.demo.RunDirectories.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, all of this test's own. */
final class LeftOversTest {
    @TempDir
    private Path cache;

    private final List<Process> started = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private RunDirectories runs = new RunDirectories(Path.of("/"));
    private LeftOvers leftOvers = new LeftOvers(runs, told::add);

    @BeforeEach
    void directories() {
        runs = RunDirectories.of(new UserCache(cache));
        leftOvers = new LeftOvers(runs, told::add);
    }

    @AfterEach
    void endAll() throws IOException {
        started.forEach(Process::destroyForcibly);
        leftOvers.endAll();
    }

    private Process start(@Nullable Run marked, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (marked != null) {
            builder.environment().put(LeftOvers.MARK, marked.id());
        }
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static boolean ends(Process process) throws InterruptedException {
        return process.waitFor(20, TimeUnit.SECONDS);
    }

    @Test
    void what_a_killed_demo_left_is_ended_by_the_next_one() throws Exception {
        Run run = runs.create();
        Process demo = start(null, "sleep", "100");
        Process inLedger = start(null, "sleep", "100");
        Process marked = start(run, "sleep", "100");
        Process bystander = start(null, "sleep", "100");
        Ledger ledger = new Ledger(run.ledger());
        ledger.add(ProcessIdentity.of((int) demo.pid(), Ledger.DEMO).orElseThrow());
        ledger.add(ProcessIdentity.of((int) inLedger.pid(), "coordinator").orElseThrow());
        demo.destroyForcibly().waitFor();

        leftOvers.endAbandoned();

        assertThat(ends(inLedger)).isTrue();
        assertThat(ends(marked)).isTrue();
        assertThat(bystander.isAlive()).isTrue();
        assertThat(run.memory()).doesNotExist();
        assertThat(run.ledger()).doesNotExist();
        assertThat(told).singleElement().asString().contains(run.id());
    }

    @Test
    void a_demo_that_is_at_work_is_left_alone() throws Exception {
        Run run = runs.create();
        Process demo = start(run, "sleep", "100");
        new Ledger(run.ledger())
                .add(ProcessIdentity.of((int) demo.pid(), Ledger.DEMO).orElseThrow());
        leftOvers.endAbandoned();
        leftOvers.endAll();
        assertThat(demo.isAlive()).isTrue();
        assertThat(run.memory()).exists();
        demo.destroyForcibly().waitFor();
    }

    @Test
    void a_kept_one_is_ended_only_when_asked() throws Exception {
        Run run = runs.create();
        Process agent = start(run, "sleep", "100");
        Files.createFile(run.keptMark());
        leftOvers.endAbandoned();
        assertThat(agent.isAlive()).isTrue();
        leftOvers.endAll();
        assertThat(ends(agent)).isTrue();
        assertThat(run.home()).doesNotExist();
        assertThat(run.memory()).doesNotExist();
    }

    @Test
    void another_process_that_got_the_pid_is_not_touched() throws Exception {
        Run run = runs.create();
        Process other = start(null, "sleep", "100");
        ProcessIdentity now = ProcessIdentity.of((int) other.pid(), "host-1").orElseThrow();
        Ledger ledger = new Ledger(run.ledger());
        ledger.add(new ProcessIdentity(now.bootId(), now.pid(), now.startTimeTicks() - 1, "host-1"));
        ledger.add(new ProcessIdentity("another-boot", now.pid(), now.startTimeTicks(), "host-1"));
        leftOvers.endAbandoned();
        assertThat(other.isAlive()).isTrue();
        assertThat(run.ledger()).doesNotExist();
    }

    @Test
    void a_ledger_that_was_cut_off_in_a_line_is_still_read() throws Exception {
        Run run = runs.create();
        Process agent = start(null, "sleep", "100");
        Ledger ledger = new Ledger(run.ledger());
        ledger.add(ProcessIdentity.of((int) agent.pid(), "host-1").orElseThrow());
        Files.writeString(run.ledger(), Files.readString(run.ledger()) + "0b0a 47");
        leftOvers.endAbandoned();
        assertThat(ends(agent)).isTrue();
    }

    @Test
    void a_qemu_on_the_demos_memory_is_ended_and_a_reader_of_it_is_not() throws Exception {
        Run run = runs.create();
        Path file = Files.createFile(run.memory().resolve("guest.ram"));
        // What counts is the command line: no QEMU is needed to have one.
        Process qemu = start(null, "bash", "-c", "read -r never", "qemu", "-machine", file.toString());
        Process reader = start(null, "tail", "-f", file.toString());
        assertThat(qemu.isAlive()).isTrue();
        leftOvers.end(run);
        assertThat(ends(qemu)).isTrue();
        assertThat(reader.isAlive()).isTrue();
    }

    @Test
    void only_the_youngest_logs_are_kept() throws Exception {
        for (int i = 0; i < 5; i++) {
            Run run = runs.create();
            Files.writeString(run.log("coordinator"), "log");
            leftOvers.end(run);
        }
        leftOvers.endAbandoned();
        assertThat(runs.all())
                .hasSize(3)
                .allSatisfy(run -> assertThat(run.log("coordinator")).exists());
    }
}
