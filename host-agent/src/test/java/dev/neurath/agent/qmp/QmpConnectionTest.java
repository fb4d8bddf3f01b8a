package dev.neurath.agent.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.qmp.QmpFailure.Reason;
import dev.neurath.agent.qmp.QmpFailure.Sent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QmpConnectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(150);

    @TempDir
    Path directory;

    private QmpLoop loop;
    private final Recorder recorder = new Recorder();

    private static final class Recorder implements QmpListener {
        final LinkedBlockingQueue<QmpEvent> events = new LinkedBlockingQueue<>();
        final CompletableFuture<QmpFailure> ended = new CompletableFuture<>();

        @Override
        public void event(QmpEvent event) {
            events.add(event);
        }

        @Override
        public void ended(QmpFailure why) {
            ended.complete(why);
        }

        String next() throws InterruptedException {
            return events.poll(30, TimeUnit.SECONDS).name();
        }
    }

    private static final class PromptCounter implements QmpListener {
        final AtomicInteger events = new AtomicInteger();
        final CompletableFuture<QmpFailure> ended = new CompletableFuture<>();

        @Override
        public boolean prompt() {
            return true;
        }

        @Override
        public void event(QmpEvent event) {
            events.incrementAndGet();
        }

        @Override
        public void ended(QmpFailure why) {
            ended.complete(why);
        }
    }

    @BeforeEach
    void startLoop() throws IOException {
        loop = new QmpLoop();
    }

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    @Test
    void answers_find_their_commands_in_any_order() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            String first = peer.receiveId();
            String second = peer.receiveId();
            peer.reply(second, "\"two\"");
            peer.reply(first, "\"one\"");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            var one = connection.execute("query-status", Map.of(), LIMIT);
            var two = connection.execute("query-version", Map.of(), LIMIT);
            assertThat(one.get().asText()).isEqualTo("one");
            assertThat(two.get().asText()).isEqualTo("two");
            connection.close();
            qemu.finished();
        }
    }

    @Test
    void no_event_after_the_greeting_is_lost_and_stamps_never_go_back() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.send(FakeQemu.GREETING);
            peer.event("RESUME");
            String id = peer.receiveId();
            peer.event("STOP");
            peer.reply(id, "{}");
            peer.event("SHUTDOWN");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            assertThat(List.of(recorder.next(), recorder.next(), recorder.next()))
                    .containsExactly("RESUME", "STOP", "SHUTDOWN");
            assertThat(connection.seen("RESUME")).isEqualTo(1);
            assertThat(connection.seen("RESET")).isZero();
            connection.close();
        }
    }

    @Test
    void what_was_sent_is_heard_without_asking_a_qemu_that_stands_still() throws Exception {
        var sent = new CompletableFuture<Void>();
        var over = new CompletableFuture<Void>();
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.event("STOP");
            peer.event("RESUME");
            sent.complete(null);
            over.join();
        })) {
            QmpConnection connection = connect(qemu);
            sent.get(30, TimeUnit.SECONDS);
            connection.heard().get(30, TimeUnit.SECONDS);
            assertThat(recorder.events).extracting(QmpEvent::name).containsExactly("STOP", "RESUME");
            over.complete(null);
        }
    }

    /** Asked at every moment of many events' ways from the socket to the listener: "heard" is never said of one that was not counted. */
    @Test
    void a_look_at_the_socket_never_takes_an_event_that_was_sent_for_heard_before_its_listener_counted_it()
            throws Exception {
        int events = 5_000;
        var counter = new PromptCounter();
        var next = new Semaphore(0);
        var sent = new AtomicInteger();
        var over = new CompletableFuture<Void>();
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            for (int i = 1; i <= events; i++) {
                next.acquireUninterruptibly();
                peer.event("RESUME");
                sent.set(i);
            }
            over.join();
        })) {
            QmpConnection connection = connect(qemu, counter);
            for (int i = 1; i <= events; i++) {
                next.release();
                while (sent.get() < i) {
                    Thread.onSpinWait();
                }
                while (!connection.heardByNow()) {
                    Thread.onSpinWait();
                }
                assertThat(counter.events.get()).isEqualTo(i);
            }
            over.complete(null);
        }
    }

    @Test
    void a_look_at_a_socket_that_its_qemu_has_left_says_nothing() throws Exception {
        var counter = new PromptCounter();
        try (FakeQemu qemu = fake(FakeQemu.Peer::greet)) {
            QmpConnection connection = connect(qemu, counter);
            qemu.finished();
            assertThat(connection.heardByNow()).isFalse();
            counter.ended.get(30, TimeUnit.SECONDS);
            assertThat(connection.heardByNow()).isFalse();
        }
    }

    @Test
    void a_look_says_nothing_where_events_wait_for_their_listener() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            assertThat(connection.heardByNow()).isFalse();
            connection.close();
        }
    }

    /** Its limit is kept from after it was written on, and by then it may have been answered. */
    @Test
    void an_answer_that_comes_at_once_leaves_no_limit_behind() throws Exception {
        int commands = 2_000;
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            for (int i = 0; i < commands; i++) {
                peer.reply(peer.receiveId(), "{}");
            }
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            int before = loop.pending();
            for (int i = 0; i < commands; i++) {
                connection.execute("query-status", Map.of(), LIMIT).get();
            }
            assertThat(loop.pending()).isLessThanOrEqualTo(before);
            connection.close();
        }
    }

    @Test
    void the_last_words_of_a_qemu_that_died_with_a_command_unread_are_heard() throws Exception {
        var told = new CompletableFuture<Void>();
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            told.join();
            peer.event("RESUME");
        })) {
            QmpConnection connection = connect(qemu);
            var unread = connection.execute("query-status", Map.of(), LIMIT);
            told.complete(null);
            connection.heard().get(30, TimeUnit.SECONDS);
            assertThat(recorder.ended.get(30, TimeUnit.SECONDS).reason()).isEqualTo(Reason.CLOSED);
            connection.heard().get(30, TimeUnit.SECONDS);
            assertThat(recorder.events).extracting(QmpEvent::name).containsExactly("RESUME");
            assertThat(connection.readToTheEnd()).isTrue();
            assertThat(unread).isCompletedExceptionally();
        }
    }

    @Test
    void a_connection_that_was_closed_here_was_not_read_to_its_end() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            connection.close();
            connection.heard().get(30, TimeUnit.SECONDS);
            assertThat(connection.readToTheEnd()).isFalse();
        }
    }

    @Test
    void an_event_before_an_answer_is_delivered_before_it() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            String id = peer.receiveId();
            peer.event("RESUME");
            peer.reply(id, "{}");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            CompletableFuture<Integer> eventsAtAnswer =
                    connection.execute("cont", Map.of(), LIMIT).thenApply(ok -> recorder.events.size());
            assertThat(eventsAtAnswer.get()).isEqualTo(1);
            connection.close();
        }
    }

    @Test
    void an_error_reply_is_typed_and_leaves_the_connection_usable() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.send("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no lock\"}, \"id\": \"" + peer.receiveId()
                    + "\"}\r\n");
            peer.reply(peer.receiveId(), "{}");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            QmpFailure.Refused refused = (QmpFailure.Refused) failureOf(connection.execute("cont", Map.of(), LIMIT));
            assertThat(refused.errorClass()).isEqualTo("GenericError");
            assertThat(refused.description()).isEqualTo("no lock");
            assertThat(connection.execute("stop", Map.of(), LIMIT).get()).isNotNull();
            assertThat(connection.unbroken()).isTrue();
            connection.close();
        }
    }

    @Test
    void garbage_ends_the_connection_with_a_reason() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.receive();
            peer.send("SSH-2.0-OpenSSH\r\n");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            assertThat(failureOf(connection.execute("stop", Map.of(), LIMIT)).reason())
                    .isEqualTo(Reason.GARBAGE);
            assertThat(recorder.ended.get().getMessage()).contains("SSH-2.0");
            assertThat(connection.unbroken()).isFalse();
        }
    }

    @Test
    void garbage_instead_of_a_greeting_is_no_connection() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.send("[1, 2]\n");
            peer.awaitClose();
        })) {
            assertThat(failureOf(new QmpConnector(loop).connect(qemu.path, QmpOptions.DEFAULT, recorder))
                            .reason())
                    .isEqualTo(Reason.GARBAGE);
        }
    }

    @Test
    void an_endless_line_is_cut_off_at_the_bound_and_not_kept_in_memory() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.receive();
            byte[] chunk = new byte[1 << 20];
            Arrays.fill(chunk, (byte) 'x');
            try {
                for (int i = 0; i < 100; i++) {
                    peer.send(chunk);
                }
                throw new AssertionError("all 100 MB were taken");
            } catch (IOException expected) {
                assertThat(expected).hasMessageContaining("Broken pipe");
            }
        })) {
            QmpConnection connection = connect(qemu);
            assertThat(failureOf(connection.execute("query-qmp-schema", Map.of(), LIMIT))
                            .reason())
                    .isEqualTo(Reason.LINE_TOO_LONG);
            qemu.finished();
        }
    }

    @Test
    void a_reply_just_below_the_bound_is_taken() throws Exception {
        String text = "y".repeat((4 << 20) - 100);
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.reply(peer.receiveId(), "\"" + text + "\"");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            assertThat(connection.execute("query-big", Map.of(), LIMIT).get().asText())
                    .hasSize(text.length());
            connection.close();
        }
    }

    @Test
    void silence_times_out_marks_the_connection_mute_and_a_late_answer_heals_it() throws Exception {
        CompletableFuture<Void> speak = new CompletableFuture<>();
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            String late = peer.receiveId();
            speak.join();
            peer.reply(late, "{}");
            peer.reply(peer.receiveId(), "\"now\"");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            QmpFailure failure = failureOf(connection.execute("query-status", Map.of(), SHORT));
            assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
            assertThat(failure.sent()).isEqualTo(Sent.MAYBE_SENT);
            assertThat(connection.mute()).isTrue();
            speak.complete(null);
            assertThat(connection.execute("query-status", Map.of(), LIMIT).get().asText())
                    .isEqualTo("now");
            assertThat(connection.mute()).isFalse();
            assertThat(connection.unbroken()).isTrue();
            connection.close();
        }
    }

    @Test
    void a_close_in_mid_answer_fails_everything_pending() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.receive();
            peer.receive();
            peer.send("{\"return\": {\"stat");
        })) {
            QmpConnection connection = connect(qemu);
            var first = connection.execute("query-status", Map.of(), LIMIT);
            var second = connection.execute("query-version", Map.of(), LIMIT);
            for (var pending : List.of(first, second)) {
                assertThat(failureOf(pending).reason()).isEqualTo(Reason.CLOSED);
                assertThat(failureOf(pending).sent()).isEqualTo(Sent.MAYBE_SENT);
            }
            QmpFailure afterwards = failureOf(connection.execute("stop", Map.of(), LIMIT));
            assertThat(afterwards.sent()).isEqualTo(Sent.NOT_SENT);
            assertThat(recorder.ended.get().reason()).isEqualTo(Reason.CLOSED);
        }
    }

    @Test
    void an_out_of_band_command_overtakes_a_queue_that_hangs() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            for (int i = 0; i < QmpOutbox.IN_FLIGHT; i++) {
                assertThat(peer.receive()).contains("\"execute\"");
            }
            String overtaking = peer.receive();
            assertThat(overtaking).contains("\"exec-oob\":\"yank\"").contains("\"instances\":[]");
            peer.reply(FakeQemu.idOf(overtaking), "{}");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            List<CompletableFuture<JsonNode>> hanging = new java.util.ArrayList<>();
            for (int i = 0; i < 10; i++) {
                hanging.add(connection.execute("query-block", Map.of(), LIMIT));
            }
            assertThat(connection
                            .executeOutOfBand("yank", Map.of("instances", List.of()), LIMIT)
                            .get())
                    .isNotNull();
            connection.close();
            assertThat(failureOf(hanging.getLast()).sent()).isEqualTo(Sent.NOT_SENT);
            assertThat(failureOf(hanging.getFirst()).sent()).isEqualTo(Sent.MAYBE_SENT);
            qemu.finished();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"9223372036854775807, \"microseconds\": 0", "1, \"microseconds\": 9223372036854775807", "1.5e300"
            })
    void a_time_that_no_clock_shows_is_no_time_and_harms_nobody(String time) throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.send("{\"timestamp\": {\"seconds\": " + time + "}, \"event\": \"STOP\"}\r\n");
            peer.reply(peer.receiveId(), "{}");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            QmpEvent stop = recorder.events.poll(10, TimeUnit.SECONDS);
            assertThat(stop).isNotNull();
            assertThat(stop.emitted()).isEmpty();
            assertThat(connection.execute("query-status", Map.of(), LIMIT).get(10, TimeUnit.SECONDS))
                    .isNotNull();
            connection.close();
            qemu.finished();
        }
    }

    @Test
    void a_task_that_fails_stops_nobodys_reading() throws Exception {
        loop.execute(() -> {
            throw new IllegalStateException("an error of ours");
        });
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.awaitClose();
        })) {
            connect(qemu).close();
            qemu.finished();
        }
    }

    @Test
    void the_end_of_the_reading_thread_is_told() throws Exception {
        var deaths = new LinkedBlockingQueue<Throwable>();
        try (var dying = new QmpLoop(deaths::add)) {
            dying.execute(() -> {
                throw new AssertionError("no reading any more");
            });
            assertThat(deaths.poll(10, TimeUnit.SECONDS)).hasMessage("no reading any more");
        }
        loop.close();
        assertThat(deaths).isEmpty();
    }

    @Test
    void no_greeting_means_that_the_monitor_is_busy() throws Exception {
        try (FakeQemu qemu = fake(FakeQemu.Peer::awaitClose)) {
            QmpFailure failure = failureOf(
                    new QmpConnector(loop).connect(qemu.path, QmpOptions.DEFAULT.withGreeting(SHORT), recorder));
            assertThat(failure.reason()).isEqualTo(Reason.MONITOR_BUSY);
        }
    }

    @Test
    void connecting_waits_for_the_socket_to_appear() throws Exception {
        Path path = directory.resolve("qmp");
        var connecting = new QmpConnector(loop).connect(path, QmpOptions.DEFAULT.withConnect(LIMIT), recorder);
        assertThat(connecting).isNotDone();
        try (FakeQemu qemu = new FakeQemu(path, peer -> {
            peer.greet();
            peer.awaitClose();
        })) {
            connecting.get().close();
            qemu.finished();
        }
    }

    @Test
    void nobody_there_and_too_long_a_path_are_told_apart_from_a_busy_monitor() {
        QmpConnector connector = new QmpConnector(loop);
        for (Path path : List.of(directory.resolve("nobody"), directory.resolve("x".repeat(110)))) {
            assertThat(failureOf(connector.connect(path, QmpOptions.DEFAULT.withConnect(SHORT), recorder))
                            .reason())
                    .isEqualTo(Reason.NOT_REACHABLE);
        }
    }

    @Test
    void the_peer_is_named_by_the_kernel() throws Exception {
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            assertThat(connection.peer().pid())
                    .isEqualTo((int) ProcessHandle.current().pid());
            connection.close();
        }
    }

    @Test
    void a_command_larger_than_the_socket_arrives_whole() throws Exception {
        String text = "z".repeat(3 << 20);
        try (FakeQemu qemu = fake(peer -> {
            peer.greet();
            String command = peer.receive();
            assertThat(command.length()).isGreaterThan(text.length());
            peer.reply(FakeQemu.idOf(command.substring(command.length() - 40)), "{}");
            peer.awaitClose();
        })) {
            QmpConnection connection = connect(qemu);
            assertThat(connection
                            .execute("human-monitor-command", Map.of("command-line", text), LIMIT)
                            .get())
                    .isNotNull();
            connection.close();
            qemu.finished();
        }
    }

    @Test
    void a_listener_that_blocks_holds_up_no_other_connection() throws Exception {
        CompletableFuture<Void> block = new CompletableFuture<>();
        try (FakeQemu slow = new FakeQemu(directory.resolve("slow"), peer -> {
                    peer.greet();
                    peer.event("STOP");
                    peer.awaitClose();
                });
                FakeQemu other = new FakeQemu(directory.resolve("other"), peer -> {
                    peer.greet();
                    peer.reply(peer.receiveId(), "{}");
                    peer.awaitClose();
                })) {
            QmpConnector connector = new QmpConnector(loop);
            QmpConnection blocked = connector
                    .connect(slow.path, QmpOptions.DEFAULT, new QmpListener() {
                        @Override
                        public void event(QmpEvent event) {
                            block.join();
                        }

                        @Override
                        public void ended(QmpFailure why) {}
                    })
                    .get();
            QmpConnection free =
                    connector.connect(other.path, QmpOptions.DEFAULT, recorder).get();
            assertThat(free.execute("query-status", Map.of(), LIMIT).get()).isNotNull();
            block.complete(null);
            blocked.close();
            free.close();
        }
    }

    @Test
    void a_hundred_connections_share_one_reading_thread() throws Exception {
        List<FakeQemu> qemus = new java.util.ArrayList<>();
        List<QmpConnection> connections = new java.util.ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                qemus.add(greetingOnly(directory.resolve("q" + i)));
            }
            for (FakeQemu qemu : qemus) {
                connections.add(connect(qemu));
            }
            long readers = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("qmp-loop"))
                    .count();
            assertThat(readers).isEqualTo(1);
        } finally {
            for (FakeQemu qemu : qemus) {
                qemu.close();
            }
        }
        for (QmpConnection connection : connections) {
            assertThat(connection.unbroken()).isTrue();
            connection.close();
        }
    }

    private static FakeQemu greetingOnly(Path path) throws IOException {
        return new FakeQemu(path, peer -> {
            peer.greet();
            peer.awaitClose();
        });
    }

    private FakeQemu fake(FakeQemu.Script script) throws IOException {
        return new FakeQemu(directory.resolve("qmp"), script);
    }

    private QmpConnection connect(FakeQemu qemu) throws Exception {
        return connect(qemu, recorder);
    }

    private QmpConnection connect(FakeQemu qemu, QmpListener listener) throws Exception {
        return new QmpConnector(loop)
                .connect(qemu.path, QmpOptions.DEFAULT, listener)
                .get();
    }

    private static QmpFailure failureOf(CompletableFuture<?> future) {
        Throwable thrown = catchThrowable(() -> future.get(60, TimeUnit.SECONDS));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        return (QmpFailure) java.util.Objects.requireNonNull(thrown.getCause());
    }
}
