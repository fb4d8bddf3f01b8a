package dev.neurath.agent.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessLauncher;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpListener;
import dev.neurath.agent.qmp.QmpOptions;
import dev.neurath.agent.release.ReleaseManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks QEMU binaries what they can do, on an empty machine that runs nothing, and remembers the answer per set of files.
 *
 * <p>The manifest is the cache's key, hashes included: another build gets other answers, the same build is asked once per
 * machine type.
 */
public final class QemuBinary {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final QmpConnector connector;
    private final Path directory;
    private final Map<Question, QemuAbilities> answers = new ConcurrentHashMap<>();

    private record Question(ReleaseManifest release, String machine) {}

    /** The directory takes short-lived sockets and output files; it is private to the agent. */
    public QemuBinary(QmpConnector connector, Path directory) {
        this.connector = connector;
        this.directory = directory;
    }

    /** Blocks for some tens of milliseconds the first time; a binary that does not even start fails with its own words. */
    public QemuAbilities abilities(ReleaseManifest release, String machine) throws IOException {
        Question question = new Question(release, machine);
        QemuAbilities known = answers.get(question);
        if (known == null) {
            known = ask(release, machine);
            answers.put(question, known);
        }
        return known;
    }

    /** @return values that the migration parameter "mode" takes, out of a QEMU's answer to query-qmp-schema */
    public static Set<String> migrationModes(JsonNode queryQmpSchema) {
        return new Schema(queryQmpSchema).valuesOf("migrate-set-parameters", "mode");
    }

    private QemuAbilities ask(ReleaseManifest release, String machine) throws IOException {
        Path place = Files.createTempDirectory(Files.createDirectories(directory), "ask");
        Path socket = place.resolve("qmp");
        Path output = place.resolve("output");
        List<String> argv = new ArrayList<>(release.argvPrefix());
        argv.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-machine", "none"));
        argv.addAll(List.of("-qmp", "unix:" + QemuArgv.escaped(socket.toString()) + ",server=on,wait=off"));
        ProcessIdentity process = ProcessLauncher.start(new ProcessLauncher.Launch(
                argv,
                release.environment(),
                place,
                output,
                List.of(),
                new ControlGroup(List.of(), "lives for an instant"),
                place.toString()));
        try (QmpConnection connection = connector
                .connect(socket, QmpOptions.DEFAULT.withConnect(LIMIT), QmpListener.NONE)
                .join()) {
            return read(connection, machine);
        } catch (CompletionException | CancellationException e) {
            throw new IOException(
                    "release " + release.id() + " gives no answers: "
                            + Files.readString(output).strip(),
                    e);
        } finally {
            ProcessSignals.kill(process, LIMIT);
            Files.deleteIfExists(socket);
            Files.deleteIfExists(output);
            Files.delete(place);
        }
    }

    private static QemuAbilities read(QmpConnection connection, String machine) {
        Map<String, String> aliases = new LinkedHashMap<>();
        Set<String> machines = new TreeSet<>();
        for (JsonNode type : ask(connection, "query-machines", Map.of())) {
            machines.add(type.path("name").asText());
            if (type.has("alias")) {
                machines.add(type.path("alias").asText());
                aliases.put(type.path("alias").asText(), type.path("name").asText());
            }
        }
        String exact = aliases.getOrDefault(machine, machine);
        Set<String> properties = machines.contains(exact)
                ? names(ask(connection, "qom-list-properties", Map.of("typename", exact + "-machine")), "name")
                : Set.of();
        Schema schema = new Schema(ask(connection, "query-qmp-schema", Map.of()));
        return new QemuAbilities(
                QemuAbilities.versionOf(ask(connection, "query-version", Map.of())),
                machines,
                aliases,
                names(ask(connection, "query-commands", Map.of()), "name"),
                names(ask(connection, "qom-list-types", Map.of("implements", "device", "abstract", false)), "name"),
                properties,
                schema.argumentsOf("migrate-set-parameters"),
                schema.valuesOf("migrate-set-parameters", "mode"));
    }

    private static JsonNode ask(QmpConnection connection, String command, Map<String, ?> arguments) {
        return connection.execute(command, arguments, LIMIT).join();
    }

    private static Set<String> names(JsonNode list, String field) {
        Set<String> names = new TreeSet<>();
        list.forEach(element -> names.add(element.path(field).asText()));
        return names;
    }

    /** QEMU's own description of its QMP; types are referred to by name. */
    private static final class Schema {
        private final Map<String, JsonNode> entities = new LinkedHashMap<>();

        Schema(JsonNode schema) {
            schema.forEach(entity -> entities.put(entity.path("name").asText(), entity));
        }

        Set<String> argumentsOf(String command) {
            Set<String> found = new TreeSet<>();
            arguments(command).forEach(member -> found.add(member.path("name").asText()));
            return found;
        }

        Set<String> valuesOf(String command, String argument) {
            Set<String> values = new TreeSet<>();
            for (JsonNode member : arguments(command)) {
                if (member.path("name").asText().equals(argument)) {
                    JsonNode type = entities.get(member.path("type").asText());
                    if (type != null) {
                        type.path("values").forEach(value -> values.add(value.asText()));
                    }
                }
            }
            return values;
        }

        private Iterable<JsonNode> arguments(String command) {
            JsonNode entity = entities.get(command);
            JsonNode type =
                    entity == null ? null : entities.get(entity.path("arg-type").asText());
            return type == null ? List.of() : type.path("members");
        }
    }
}
