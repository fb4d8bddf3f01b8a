package dev.neurath.model.schema;

/**
 * One thing that the receiving side reads otherwise than the sending side writes it.
 *
 * @param device class that it belongs to
 * @param place field or subsection, from the device's outermost layout on
 * @param what in words
 * @param certain false if it shows only in states that the device may never be in
 */
public record Difference(String device, String place, String what, boolean certain) {
    @Override
    public String toString() {
        return place.isEmpty() ? "%s: %s".formatted(device, what) : "%s, %s: %s".formatted(device, place, what);
    }
}
