package dev.neurath.model;

/** A virtual machine of the fleet; unique in the fleet for ever, never reused. */
public record VmId(String value) implements Comparable<VmId> {
    public VmId {
        Ids.check("VM id", value);
    }

    @Override
    public int compareTo(VmId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
