package dev.neurath.chaos.handover;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpEvent;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.agent.qmp.QmpListener;
import dev.neurath.agent.qmp.QmpOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** The VM's owner: says what he likes to its QEMU, on the public socket that the agent keeps for him, and tells nobody. */
final class Owner implements QmpListener, AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Set<String> heard = new HashSet<>();
    private final QmpConnection connection;

    private Owner(QmpConnector connector, Path door) throws IOException, InterruptedException {
        this.connection = await(
                connector.connect(door, QmpOptions.DEFAULT.withConnect(LIMIT).withGreeting(LIMIT), this));
    }

    static Owner at(QmpConnector connector, Path door) throws IOException, InterruptedException {
        return new Owner(connector, door);
    }

    /** Does not wait: a QEMU that is stopped answers later or never. */
    CompletableFuture<JsonNode> send(String command, Map<String, ?> arguments) {
        return connection.execute(command, arguments, LIMIT);
    }

    void say(String command) throws IOException, InterruptedException {
        await(send(command, Map.of()));
    }

    /** As `query-status` has it. */
    String status() throws IOException, InterruptedException {
        return await(send("query-status", Map.of())).path("status").asText();
    }

    void awaitStatus(Predicate<String> wanted) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        String status = status();
        while (!wanted.test(status)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("the guest is still '" + status + "' after " + LIMIT);
            }
            // Its events come before the state that they announce can be asked for; the question itself takes its time.
            status = status();
        }
    }

    /** From the beginning of this connection on. */
    synchronized void awaitEvent(String name) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!heard.contains(name)) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new IOException("no " + name + " within " + LIMIT + ", only " + heard);
            }
            wait(left);
        }
    }

    @Override
    public synchronized void event(QmpEvent event) {
        heard.add(event.name());
        notifyAll();
    }

    @Override
    public void ended(QmpFailure why) {
        // Its QEMU may end at any time, by what was said here or otherwise.
    }

    private static <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
        try {
            return answer.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + LIMIT, e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
