package dev.neurath.model.schema;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state of every device class that one binary knows.
 *
 * @param devices by class name (QOM type), whether or not a machine has one
 */
public record DeviceStateSchema(SortedMap<String, StateLayout> devices) {
    public DeviceStateSchema {
        devices = Collections.unmodifiableSortedMap(new TreeMap<>(devices));
    }
}
