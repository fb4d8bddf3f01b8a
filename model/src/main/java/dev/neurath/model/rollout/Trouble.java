package dev.neurath.model.rollout;

/**
 * What counted against a rollout's limits since it began or was last resumed.
 *
 * @param lost no limit allows one
 */
public record Trouble(int failures, int quarantined, int overPause, int lost) {
    public static final Trouble NONE = new Trouble(0, 0, 0, 0);

    Trouble plus(Trouble more) {
        return new Trouble(
                failures + more.failures, quarantined + more.quarantined, overPause + more.overPause, lost + more.lost);
    }
}
