package dev.neurath.agent.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.handover.QemuSide;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which classes of objects a machine consists of, read off its composition tree: what its machine type builds in as well as what was asked for, and the parts of
 * both. So nobody has to know which class stands behind the name of a device.
 */
final class DeviceClasses {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    /** A q35 machine with some devices has about 200 objects; each is one question of 0.1 ms. */
    private static final int MOST_OBJECTS = 20_000;

    private DeviceClasses() {}

    /** Of a throw-away: hundreds of questions are no way to treat a guest's QEMU. */
    static Set<String> of(QemuSide side) throws IOException, InterruptedException {
        var classes = new TreeSet<String>();
        var left = new ArrayDeque<String>();
        left.add("/machine");
        for (int objects = 0; !left.isEmpty(); objects++) {
            if (objects > MOST_OBJECTS) {
                throw new IOException("the machine has more than " + MOST_OBJECTS + " objects");
            }
            String path = left.removeFirst();
            for (JsonNode property : side.execute("qom-list", Map.of("path", path), LIMIT)) {
                String type = property.path("type").asText();
                if (type.startsWith("child<") && !isMemory(type)) {
                    classes.add(type.substring("child<".length(), type.length() - 1));
                    left.add(path + "/" + property.path("name").asText());
                }
            }
        }
        return classes;
    }

    /** Most objects are these, and have neither parts nor a device's state. */
    private static boolean isMemory(String type) {
        return type.equals("child<memory-region>")
                || type.equals("child<qemu:memory-region>")
                || type.equals("child<irq>");
    }
}
