package dev.neurath.agent.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neurath.model.schema.DeviceStateSchema;
import dev.neurath.model.schema.StateLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Reads what {@code -dump-vmstate} wrote. */
final class StateSchemaReader {
    /** Measured: 0.8 to 0.9 MB. */
    private static final long LARGEST_BYTES = 32L << 20;

    private static final JsonMapper JSON = new JsonMapper();
    /** The machine's own entry: it is no device. */
    private static final String MACHINE = "vmschkmachine";

    private StateSchemaReader() {}

    static DeviceStateSchema read(Path dump) throws IOException {
        if (Files.size(dump) > LARGEST_BYTES) {
            throw new IOException("a description of device state of " + Files.size(dump) + " bytes is not read");
        }
        JsonNode root = JSON.readTree(dump.toFile());
        var devices = new TreeMap<String, StateLayout>();
        root.properties().forEach(entry -> {
            if (!entry.getKey().equals(MACHINE)) {
                devices.put(entry.getKey(), layout(entry.getValue().path("Description")));
            }
        });
        return new DeviceStateSchema(devices);
    }

    private static StateLayout layout(JsonNode description) {
        List<StateLayout.Field> fields = new ArrayList<>();
        for (JsonNode field : description.path("Fields")) {
            fields.add(new StateLayout.Field(
                    field.path("field").asText(),
                    field.path("version_id").asInt(),
                    field.path("field_exists").asBoolean(),
                    field.path("size").asLong(),
                    field.has("Description") ? layout(field.path("Description")) : null));
        }
        List<StateLayout> subsections = new ArrayList<>();
        description.path("Subsections").forEach(subsection -> subsections.add(layout(subsection)));
        return new StateLayout(
                description.path("name").asText(),
                description.path("version_id").asInt(),
                description.path("minimum_version_id").asInt(),
                fields,
                subsections);
    }
}
