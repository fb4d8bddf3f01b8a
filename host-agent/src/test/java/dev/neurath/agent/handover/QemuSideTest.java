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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

    @Test
    void who_waits_for_two_is_woken_by_either_and_not_before_what_it_waits_for() throws Exception {
        var looks = new AtomicInteger();
        var waits = new CompletableFuture<Void>();
        var mayStop = new CompletableFuture<Void>();
        try (FakeQemu qemu = new FakeQemu(directory.resolve("q"), peer -> {
                    peer.greet();
                    waits.join();
                    for (int i = 0; i < 100; i++) {
                        peer.event("MIGRATION_PASS");
                    }
                    mayStop.join();
                    peer.event("STOP");
                    peer.awaitClose();
                });
                QemuSide speaks = side(self());
                QemuSide silent = side(self())) {
            speaks.connect(Duration.ofSeconds(10));
            var woken = CompletableFuture.supplyAsync(() -> {
                try {
                    return QemuSide.awaitNews(
                            List.of(silent, speaks),
                            () -> {
                                looks.incrementAndGet();
                                waits.complete(null);
                                return speaks.stops() > 0;
                            },
                            Duration.ofSeconds(20));
                } catch (InterruptedException e) {
                    throw new CompletionException(e);
                }
            });
            // One look of its own, and one for each event.
            for (int i = 0; i < 10_000 && looks.get() < 101; i++) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            assertThat(looks).hasValueGreaterThanOrEqualTo(101);
            assertThat(woken).isNotDone();
            mayStop.complete(null);
            assertThat(woken.get(10, TimeUnit.SECONDS)).isTrue();
            speaks.connect(Duration.ofSeconds(10)).close();
            qemu.finished();
        }
    }

    @Test
    void who_waits_for_what_does_not_come_gives_up_in_time_and_may_be_interrupted() throws Exception {
        try (QemuSide side = side(self())) {
            assertThat(side.awaitNews(() -> false, Duration.ofMillis(20))).isFalse();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> side.awaitNews(() -> false, Duration.ofSeconds(20)))
                    .isInstanceOf(InterruptedException.class);
        }
    }
}
