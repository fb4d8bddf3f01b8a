package dev.neurath.model.rollout;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The intent of a rollout file ({@code apiVersion: neurath/v1, kind: Rollout}), with the places in it that a refusal has to name. */
public record RolloutSpec(
        String name,
        SortedMap<String, String> labels,
        WantedRelease release,
        Selector hosts,
        Selector vms,
        MethodPolicy method,
        List<WaveSpec> waves,
        Limits limits,
        List<Window> windows) {
    public RolloutSpec {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        waves = List.copyOf(waves);
        windows = List.copyOf(windows);
    }

    /** Everything, at once, by the surest hand-over. */
    public static RolloutSpec of(String name, String qemu) {
        return new RolloutSpec(
                name,
                new TreeMap<>(Map.of()),
                new WantedRelease(qemu, At.NOWHERE),
                Selector.ALL,
                Selector.ALL,
                MethodPolicy.DEFAULT,
                List.of(WaveSpec.EVERYTHING),
                Limits.DEFAULT,
                List.of());
    }

    /** @param qemu id of a release, or a version that exactly one release has */
    public record WantedRelease(String qemu, At at) {}

    /**
     * @param refuseOtherwise what becomes of a VM that no method can take: false = it is skipped; true = the whole plan is refused
     * @param wayBackRequired leave alone what could not be taken back
     * @param hops how many hand-overs one after another a VM may be taken by, where none leads there directly; 1 = only directly
     */
    public record MethodPolicy(
            List<MethodChoice> prefer,
            boolean refuseOtherwise,
            boolean wayBackRequired,
            RehearsalPolicy rehearsal,
            int hops) {
        public static final int MOST_HOPS = 5;

        public static final MethodPolicy DEFAULT =
                new MethodPolicy(List.of(MethodChoice.HAND_OVER), false, true, RehearsalPolicy.WHEN_CLONE_REFUSED, 3);

        public MethodPolicy {
            prefer = List.copyOf(prefer);
            if (hops < 1 || hops > MOST_HOPS) {
                throw new IllegalArgumentException(hops + " hops");
            }
        }
    }
}
