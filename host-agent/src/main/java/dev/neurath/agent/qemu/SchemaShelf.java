package dev.neurath.agent.qemu;

import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessLauncher;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.schema.DeviceStateSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each binary writes of its devices, asked of the binary once per set of files and machine type.
 *
 * <p>The manifest is the key, hashes included; the last few are kept, and asking again costs some tens of milliseconds.
 */
public final class SchemaShelf {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** About 2 MB each. */
    private static final int KEPT = 16;

    private final Path directory;
    private final Map<Question, DeviceStateSchema> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, DeviceStateSchema> eldest) {
            return size() > KEPT;
        }
    };

    private record Question(ReleaseManifest release, String machine) {}

    /** @param directory for short-lived files */
    public SchemaShelf(Path directory) {
        this.directory = directory;
    }

    /** The caller has verified the release's files. */
    public synchronized DeviceStateSchema of(ReleaseManifest release, String machine) throws IOException {
        var question = new Question(release, machine);
        DeviceStateSchema schema = known.get(question);
        if (schema == null) {
            schema = ask(release, machine);
            known.put(question, schema);
        }
        return schema;
    }

    private DeviceStateSchema ask(ReleaseManifest release, String machine) throws IOException {
        Path place = Files.createTempDirectory(Files.createDirectories(directory), "schema");
        Path dump = place.resolve("dump");
        Path output = place.resolve("output");
        List<String> argv = new ArrayList<>(release.argvPrefix());
        argv.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-machine", machine));
        argv.addAll(List.of("-dump-vmstate", dump.toString()));
        ProcessIdentity process = ProcessLauncher.start(new ProcessLauncher.Launch(
                argv,
                release.environment(),
                place,
                output,
                List.of(),
                new ControlGroup(List.of(), "lives for an instant"),
                place.toString()));
        try {
            Optional<PidFd> handle = PidFd.open(process);
            if (handle.isPresent()) {
                try (PidFd open = handle.get()) {
                    if (!open.awaitExit(LIMIT)) {
                        throw new IOException("release " + release.id() + " did not describe its devices within "
                                + LIMIT.toSeconds() + " s");
                    }
                }
            }
            if (!Files.exists(dump)) {
                throw new IOException("release " + release.id() + " does not describe its devices: "
                        + Files.readString(output).strip());
            }
            return StateSchemaReader.read(dump);
        } finally {
            ProcessSignals.kill(process, LIMIT);
            Files.deleteIfExists(dump);
            Files.deleteIfExists(output);
            Files.delete(place);
        }
    }
}
