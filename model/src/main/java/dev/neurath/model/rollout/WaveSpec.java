package dev.neurath.model.rollout;

import java.time.Duration;

/**
 * A wave as it is wanted.
 *
 * @param name empty = named by its number
 * @param vms at most so many VMs of those hosts, the others come later; 0 = all
 * @param size cut into waves of at most so many hosts; 0 = one wave
 * @param bake how long to watch before the next wave
 * @param manual true: the next wave waits for a human
 */
public record WaveSpec(String name, Share hosts, int vms, int size, Duration bake, boolean manual, At at) {
    public static final WaveSpec EVERYTHING =
            new WaveSpec("all", new Share.Rest(), 0, 0, Duration.ZERO, false, At.NOWHERE);
}
