package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.qmp.FakeQemu;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class QemuSideTest {
    private static final Duration SHORT = Duration.ofMillis(150);

    @TempDir
    Path directory;

    private QmpLoop loop;
    private final CompletableFuture<Void> monitorTaken = new CompletableFuture<>();
    private final CompletableFuture<Void> monitorFree = new CompletableFuture<>();

    @BeforeEach
    void start() throws IOException {
        loop = new QmpLoop();
    }

    @AfterEach
    void end() {
        loop.close();
    }

    private QemuSide side(int pid) throws IOException {
        return QemuSide.of(ProcessIdentity.of(pid, "").orElseThrow(), directory.resolve("q"), new QmpConnector(loop));
    }

    private static int self() {
        return (int) ProcessHandle.current().pid();
    }

    /** A QEMU whose monitor is taken by whoever connected, and which never answers qmp_capabilities. */
    private FakeQemu greetingOnly() throws IOException {
        return new FakeQemu(directory.resolve("q"), peer -> {
            peer.send(FakeQemu.GREETING);
            monitorTaken.complete(null);
            peer.awaitClose();
            monitorFree.complete(null);
        });
    }

    @Test
    void a_connect_that_took_too_long_leaves_the_monitor_to_others() throws Exception {
        try (FakeQemu qemu = greetingOnly();
                QemuSide side = side(self())) {
            assertThatThrownBy(() -> side.connect(SHORT)).isInstanceOf(IOException.class);
            monitorFree.get(5, TimeUnit.SECONDS);
            qemu.finished();
        }
    }

    @Test
    void an_interrupted_connect_leaves_the_monitor_to_others() throws Exception {
        try (FakeQemu qemu = greetingOnly();
                QemuSide side = side(self())) {
            var connecting = new CompletableFuture<Void>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    side.connect(Duration.ofSeconds(20));
                    connecting.complete(null);
                } catch (IOException | InterruptedException e) {
                    connecting.completeExceptionally(e);
                }
            });
            monitorTaken.get(5, TimeUnit.SECONDS);
            thread.interrupt();
            assertThatThrownBy(() -> connecting.get(5, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(InterruptedException.class);
            monitorFree.get(5, TimeUnit.SECONDS);
            qemu.finished();
        }
    }

    @Test
    void what_another_process_says_at_the_socket_is_not_this_ones_word() throws Exception {
        Process other = new ProcessBuilder("sleep", "60").start();
        try (FakeQemu qemu = new FakeQemu(directory.resolve("q"), peer -> {
                    peer.greet();
                    peer.awaitClose();
                });
                QemuSide side = side((int) other.pid())) {
            assertThatThrownBy(() -> side.connect(Duration.ofSeconds(10)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("process " + self() + " answers at");
            assertThat(side.unbroken()).isFalse();
            qemu.finished();
        } finally {
            other.destroyForcibly();
        }
    }
}
