package dev.neurath.coordinator.fleet;

/**
 * Whose event it is, out of the journal's persistence id {@code kind|id}.
 *
 * @param kind vm, host, rollout, budget or releases
 */
public record Subject(String kind, String id) {
    public static final String VM = "vm";
    public static final String HOST = "host";
    public static final String ROLLOUT = "rollout";
    public static final String BUDGET = "budget";
    public static final String RELEASES = "releases";

    /** Of the one budget and the one catalog. */
    public static final String FLEET_WIDE = "fleet";

    public static Subject of(String persistenceId) {
        int bar = persistenceId.indexOf('|');
        return bar < 0
                ? new Subject(persistenceId, FLEET_WIDE)
                : new Subject(persistenceId.substring(0, bar), persistenceId.substring(bar + 1));
    }

    /** As the feed names it. */
    @Override
    public String toString() {
        return kind + "/" + id;
    }
}
