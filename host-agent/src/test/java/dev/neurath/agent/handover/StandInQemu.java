package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.qmp.FakeQemu;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real process that can be frozen and killed, and beside it a control socket that says what a QEMU would. */
final class StandInQemu implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String END = "";
    private static final String VERSION = "{\"qemu\": {\"major\": 10, \"minor\": 0, \"micro\": 2}}";

    final QmpLoop loop = new QmpLoop();
    final QmpConnector connector = new QmpConnector(loop);
    final QemuSide side;
    private final Path path;
    private final Process process;
    private final LinkedBlockingQueue<String> says = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> written = new LinkedBlockingQueue<>();
    private FakeQemu socket;
    private final Map<String, String> answers = new ConcurrentHashMap<>(Map.of("query-version", VERSION));
    private volatile String runState = "running";
    private volatile CompletableFuture<Void> mayAnswer = CompletableFuture.completedFuture(null);

    StandInQemu(Path directory) throws IOException, InterruptedException {
        path = directory.resolve("q");
        process = new ProcessBuilder("sleep", "60").start();
        int self = (int) ProcessHandle.current().pid();
        side = QemuSide.of(ProcessIdentity.of((int) process.pid(), "").orElseThrow(), path, connector, self);
        socket = listen();
        side.connect(LIMIT);
    }

    private FakeQemu listen() throws IOException {
        Files.deleteIfExists(path);
        return new FakeQemu(path, peer -> {
            peer.greet();
            Thread.ofVirtual().start(() -> answer(peer));
            try {
                for (String event = says.take(); !event.equals(END); event = says.take()) {
                    peer.event(event);
                    written.add(event);
                }
                peer.hangUp();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void answer(FakeQemu.Peer peer) {
        try {
            while (true) {
                String command = peer.receive();
                mayAnswer.join();
                String name = command.replaceAll(".*\"exec[^\"]*\":\"([^\"]+)\".*", "$1");
                String value = name.equals("query-status") ? "{\"status\": \"" + runState + "\"}" : answers.get(name);
                peer.reply(FakeQemu.idOf(command), value == null ? "{}" : value);
            }
        } catch (IOException | java.util.NoSuchElementException over) {
            assertThat(over).isNotNull();
        }
    }

    /** What it answers from now on. */
    void is(String runState) {
        this.runState = runState;
    }

    /** To this command from now on. */
    void answers(String command, String value) {
        answers.put(command, value);
    }

    /** What it says from now on is read, and reaches nobody before {@code goOn}. */
    CompletableFuture<Void> isNotListenedToUntil(CompletableFuture<Void> goOn) throws Exception {
        var registered = new CompletableFuture<Void>();
        var stuck = new CompletableFuture<Void>();
        mayAnswer = registered;
        var busy = side.connect(LIMIT).execute("query-status", Map.of(), LIMIT).thenRun(() -> {
            stuck.complete(null);
            goOn.join();
        });
        registered.complete(null);
        stuck.get(10, TimeUnit.SECONDS);
        return busy;
    }

    /** An event that nobody is known to have read; as a real one's, it is in the socket before it can be frozen. */
    void says(String event) throws InterruptedException {
        says.add(event);
        assertThat(written.poll(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(event);
    }

    /** An event that was counted. */
    void said(String event) throws InterruptedException {
        long before = side.stops() + side.resumes();
        says(event);
        assertThat(side.awaitNews(() -> side.stops() + side.resumes() > before, LIMIT))
                .isTrue();
    }

    /** After everything that it says has been written. */
    void dies() throws InterruptedException {
        process.destroyForcibly().waitFor();
        says.add(END);
        socket.finished();
    }

    void breaksTheConnectionAndIsAskedAgain() throws IOException, InterruptedException {
        says.add(END);
        socket.finished();
        assertThat(side.awaitNews(() -> !side.unbroken(), LIMIT)).isTrue();
        socket.close();
        socket = listen();
        side.connect(LIMIT);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        says.add(END);
        side.close();
        socket.close();
        loop.close();
    }
}
