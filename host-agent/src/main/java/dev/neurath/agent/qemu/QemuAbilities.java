package dev.neurath.agent.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/**
 * What one QEMU binary can do, asked of the binary itself: no rule of ours ever compares version numbers.
 *
 * @param version as the binary tells it, for people
 * @param machines versioned machine types and aliases, from query-machines
 * @param aliases alias to the type that it stands for in this binary
 * @param commands QMP commands
 * @param devices concrete device types
 * @param machineProperties properties of the one machine type that was asked for; empty when the binary does not know it
 * @param migrationParameters names of migration parameters
 * @param migrationModes values that the parameter "mode" accepts; empty where there is no such parameter
 */
public record QemuAbilities(
        String version,
        Set<String> machines,
        Map<String, String> aliases,
        Set<String> commands,
        Set<String> devices,
        Set<String> machineProperties,
        Set<String> migrationParameters,
        Set<String> migrationModes) {
    public QemuAbilities {
        machines = Set.copyOf(machines);
        aliases = Map.copyOf(aliases);
        commands = Set.copyOf(commands);
        devices = Set.copyOf(devices);
        machineProperties = Set.copyOf(machineProperties);
        migrationParameters = Set.copyOf(migrationParameters);
        migrationModes = Set.copyOf(migrationModes);
    }

    /** RAM outside the main block (video memory, option ROMs) can be kept across cpr-transfer. */
    public boolean auxRamShare() {
        return machineProperties.contains("aux-ram-share");
    }

    public boolean cprTransfer() {
        return migrationModes.contains("cpr-transfer");
    }

    static String versionOf(JsonNode queryVersion) {
        JsonNode numbers = queryVersion.path("qemu");
        return numbers.path("major").asInt() + "." + numbers.path("minor").asInt() + "."
                + numbers.path("micro").asInt();
    }
}
