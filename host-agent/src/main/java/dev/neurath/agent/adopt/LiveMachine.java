package dev.neurath.agent.adopt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.qemu.QemuBinary;
import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qemu.QemuGraph;
import dev.neurath.agent.qmp.QmpConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;

/**
 * What a QEMU that others started says of itself, by commands that change nothing. Several answers, and not one instant.
 *
 * @param unnamedDevices how many devices were given without an id
 * @param inserted block device to the file that it reads and writes now
 * @param objects ids of user-created objects, with their types
 * @param exports block exports that are being served
 * @param ioStatus block device to "ok", "failed" or "nospace"
 * @param migration state of the last one, "none" if there was none
 * @param blockers why it cannot be migrated now, in its own words
 * @param cpu what to give as -cpu to another QEMU; empty = as it was given
 * @param modes values that the migration parameter "mode" takes
 */
record LiveMachine(
        QemuFacts facts,
        int unnamedDevices,
        Map<String, String> inserted,
        Map<String, String> objects,
        List<String> exports,
        Map<String, String> ioStatus,
        String migration,
        List<String> blockers,
        Set<String> modes,
        boolean auxRamShare,
        boolean kvm,
        long baseMemory,
        String cpu) {

    /**
     * Blocks.
     *
     * @param cpu what was given as -cpu; empty if nothing was
     */
    static LiveMachine read(QmpConnection connection, Duration limit, String cpu) throws IOException, NotAdoptable {
        try {
            return new Questions(connection, limit).answers(cpu);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private record Questions(QmpConnection connection, Duration limit) {
        LiveMachine answers(String cpu) throws IOException, NotAdoptable {
            QemuFacts facts = QemuGraph.read(connection, limit);
            var inserted = new TreeMap<String, String>();
            var ioStatus = new TreeMap<String, String>();
            for (JsonNode drive : ask("query-block", Map.of())) {
                String device = drive.path("device").asText();
                String name = device.isEmpty() ? drive.path("qdev").asText() : device;
                if (drive.has("inserted")) {
                    inserted.put(name, drive.path("inserted").path("file").asText());
                }
                ioStatus.put(name, drive.path("io-status").asText("ok"));
            }
            var exports = new ArrayList<String>();
            for (JsonNode export : ask("query-block-exports", Map.of())) {
                exports.add(export.path("id").asText());
            }
            JsonNode migration = ask("query-migrate", Map.of());
            var blockers = new ArrayList<String>();
            migration.path("blocked-reasons").forEach(reason -> blockers.add(reason.asText()));
            return new LiveMachine(
                    facts,
                    children("/machine/peripheral-anon").size(),
                    inserted,
                    children("/objects"),
                    exports,
                    ioStatus,
                    migration.path("status").asText("none"),
                    blockers,
                    QemuBinary.migrationModes(ask("query-qmp-schema", Map.of())),
                    auxRamShare(),
                    ask("query-kvm", Map.of()).path("enabled").asBoolean(),
                    ask("query-memory-size-summary", Map.of())
                            .path("base-memory")
                            .asLong(),
                    new CpuModel(connection, limit).pinned(cpu));
        }

        private boolean auxRamShare() {
            for (JsonNode property : ask("qom-list", Map.of("path", "/machine"))) {
                if (property.path("name").asText().equals("aux-ram-share")) {
                    return ask("qom-get", Map.of("path", "/machine", "property", "aux-ram-share"))
                            .asBoolean();
                }
            }
            return false;
        }

        private Map<String, String> children(String path) {
            var found = new TreeMap<String, String>();
            for (JsonNode property : ask("qom-list", Map.of("path", path))) {
                String type = property.path("type").asText();
                if (type.startsWith("child<")) {
                    found.put(property.path("name").asText(), type.substring(6, type.length() - 1));
                }
            }
            return found;
        }

        private JsonNode ask(String command, Map<String, ?> arguments) {
            return connection.execute(command, arguments, limit).join();
        }
    }

    /** Ids of devices that have one. */
    Set<String> namedDevices() {
        var names = new TreeSet<String>();
        facts.peripherals().forEach(name -> names.add(name.substring(0, name.indexOf('='))));
        return names;
    }
}
