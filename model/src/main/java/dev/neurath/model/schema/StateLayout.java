package dev.neurath.model.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a piece of device state lies in the stream: QEMU's VMStateDescription, as {@code -dump-vmstate} prints it.
 *
 * @param name of the section or subsection in the stream
 * @param version that is written
 * @param minimumVersion oldest that can be read
 * @param fields in the order in which they are written; their names are not in the stream
 * @param subsections written only when the device is in a state that needs them
 */
public record StateLayout(
        String name, int version, int minimumVersion, List<Field> fields, List<StateLayout> subsections) {
    public StateLayout {
        fields = List.copyOf(fields);
        subsections = List.copyOf(subsections);
    }

    /**
     * @param version of the layout from which on it is in the stream
     * @param conditional whether it is in the stream is decided by a function of the device, which no dump shows
     * @param bytes of one element, in memory; of a structure this says nothing about the stream
     * @param structure its own layout, or null for a plain value
     */
    public record Field(
            String name,
            int version,
            boolean conditional,
            long bytes,
            @Nullable StateLayout structure) {}
}
