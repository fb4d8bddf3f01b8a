package dev.neurath.model.rollout;

/** How many of a fleet's hosts a wave takes. */
public sealed interface Share {
    /** @return number of hosts, at most {@code remaining} */
    int of(int all, int remaining);

    /**
     * Rounded up, so that every wave takes at least one host.
     *
     * @param hundredths of a percent, 1 to 10,000
     */
    record Percent(int hundredths) implements Share {
        @Override
        public int of(int all, int remaining) {
            long hosts = ((long) all * hundredths + 9_999) / 10_000;
            return (int) Math.min(hosts, remaining);
        }
    }

    record Count(int hosts) implements Share {
        @Override
        public int of(int all, int remaining) {
            return Math.min(hosts, remaining);
        }
    }

    record Rest() implements Share {
        @Override
        public int of(int all, int remaining) {
            return remaining;
        }
    }
}
