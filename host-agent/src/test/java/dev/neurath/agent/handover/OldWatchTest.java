package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.qmp.FakeQemu;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpLoop;
import dev.neurath.model.handover.OldStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process, and beside it a control socket that says what a QEMU would. */
@Timeout(30)
class OldWatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String END = "";

    @TempDir
    Path directory;

    private final LinkedBlockingQueue<String> says = new LinkedBlockingQueue<>();
    private QmpLoop loop;
    private Process process;
    private QemuSide old;
    private FakeQemu socket;

    @BeforeEach
    void start() throws Exception {
        loop = new QmpLoop();
        process = new ProcessBuilder("sleep", "60").start();
        old = QemuSide.of(
                ProcessIdentity.of((int) process.pid(), "").orElseThrow(),
                directory.resolve("q"),
                new QmpConnector(loop));
        listen();
    }

    @AfterEach
    void end() throws Exception {
        process.destroyForcibly().waitFor();
        says.add(END);
        old.close();
        socket.close();
        loop.close();
    }

    private void listen() throws IOException, InterruptedException {
        Files.deleteIfExists(directory.resolve("q"));
        socket = new FakeQemu(directory.resolve("q"), peer -> {
            peer.greet();
            try {
                for (String event = says.take(); !event.equals(END); event = says.take()) {
                    peer.event(event);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        old.connect(LIMIT);
    }

    private void dies() throws InterruptedException {
        process.destroyForcibly().waitFor();
        says.add(END);
        socket.finished();
    }

    private void said(String event) throws InterruptedException {
        long stops = old.stops();
        long resumes = old.resumes();
        says.add(event);
        assertThat(old.awaitNews(() -> old.stops() + old.resumes() > stops + resumes, LIMIT, Duration.ofMillis(1)))
                .isTrue();
    }

    @Test
    void old_that_was_stopped_and_said_nothing_more_stood_to_its_end() throws Exception {
        var watch = new OldWatch(old);
        said("STOP");
        assertThat(watch.stoodToItsEnd()).as("it lives").isFalse();
        dies();
        assertThat(watch.stoodToItsEnd()).isTrue();
    }

    @Test
    void last_words_count_that_nobody_had_read_when_old_died() throws Exception {
        var watch = new OldWatch(old);
        said("STOP");
        says.add("RESUME");
        dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void a_stop_after_a_resume_is_not_the_stop_whose_state_was_sent() throws Exception {
        var watch = new OldWatch(old);
        said("STOP");
        said("RESUME");
        said("STOP");
        watch.looked(OldStatus.POST, watch.beforeLook());
        dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void old_that_was_never_seen_stopped_may_have_run() throws Exception {
        said("STOP");
        var watch = new OldWatch(old);
        dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void between_two_connections_anything_may_have_happened_unless_old_was_seen_stopped_again() throws Exception {
        var watch = new OldWatch(old);
        said("STOP");
        says.add(END);
        socket.finished();
        assertThat(old.awaitNews(() -> !old.unbroken(), LIMIT, Duration.ofMillis(1)))
                .isTrue();
        socket.close();
        listen();
        var again = new OldWatch(old);
        again.looked(OldStatus.POST, again.beforeLook());
        dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
        assertThat(again.stoodToItsEnd()).isTrue();
    }

    @Test
    void a_look_during_which_something_happened_proves_nothing() throws Exception {
        var watch = new OldWatch(old);
        OldWatch.Before before = watch.beforeLook();
        said("RESUME");
        watch.looked(OldStatus.POST, before);
        dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void what_an_earlier_attempt_stopped_and_resumed_on_this_connection_is_not_this_ones() throws Exception {
        said("STOP");
        said("RESUME");
        var watch = new OldWatch(old);
        assertThat(watch.stopped()).isFalse();
        assertThat(watch.resumed()).isFalse();
        said("STOP");
        assertThat(watch.stopped()).isTrue();
    }
}
