package dev.neurath.coordinator.fleet;

import dev.neurath.model.vm.VmEvent;

/** Told of every change of a VM while the feed is folded in, in the feed's order, on the one thread that does it. Must not block or throw. */
@FunctionalInterface
public interface VmChanges {
    void changed(VmEntry before, VmEvent event, VmEntry after);

    /** Tells {@code other} too, after this one. */
    default VmChanges and(VmChanges other) {
        return (before, event, after) -> {
            changed(before, event, after);
            other.changed(before, event, after);
        };
    }
}
