package dev.neurath.chaos.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neurath.agent.os.Linux;
import dev.neurath.chaos.handover.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One coordinator node as a process that can be killed and stopped. */
final class NodeProcess {
    private static final String FREE = "127.0.0.1:0";
    private static final Duration TO_LEAVE = Duration.ofSeconds(60);

    private final Path directory;
    private final String fleet;
    private final String database;
    private JavaProcess process;

    private NodeProcess(Build build, Path directory, String fleet, String database) throws IOException {
        this.directory = directory;
        this.fleet = fleet;
        this.database = database;
        this.process = launch(build, FREE);
    }

    static NodeProcess start(Build build, Path directory, String fleet, String database) throws IOException {
        return new NodeProcess(build, Files.createDirectories(directory), fleet, database);
    }

    private JavaProcess launch(Build build, String api) throws IOException {
        return build.node(
                List.of(
                        "--state",
                        directory.resolve("state").toString(),
                        "--database",
                        database,
                        "--fleet",
                        fleet,
                        "--api",
                        api,
                        "--http",
                        FREE,
                        "--cluster",
                        FREE,
                        "--plaintext"),
                log());
    }

    Path log() {
        return directory.resolve("log");
    }

    /** How often it said that it is ready. */
    long readiness() {
        try {
            return Files.exists(log())
                    ? Files.readAllLines(log()).stream()
                            .filter(line -> line.startsWith("ready: "))
                            .count()
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("a node's log cannot be read", e);
        }
    }

    /** Of a node that is ready. */
    String api() throws IOException {
        JsonNode told = new JsonMapper()
                .readTree(directory.resolve("state").resolve("node.json").toFile());
        return told.path("api").asText();
    }

    void kill() throws InterruptedException {
        process.kill();
    }

    /** On the address where it was before, which its agents and its callers know. */
    void startAgain() throws IOException {
        process = launch(Build.THIS, api());
    }

    /** It hands its entities to the others, ends, and comes back as one of this build. */
    void upgrade() throws IOException, InterruptedException {
        String before = api();
        process.end(TO_LEAVE);
        process = launch(Build.THIS, before);
    }

    void stop() throws IOException {
        process.signal(Linux.SIGSTOP);
    }

    void wake() throws IOException {
        process.signal(Linux.SIGCONT);
    }

    boolean alive() {
        return process.alive();
    }
}
