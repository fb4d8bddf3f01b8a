package dev.neurath.chaos.nodes;

import java.time.Duration;

/**
 * A rollout that is disturbed.
 *
 * @param node which of the three is struck, 1 to 3; the first one founded the cluster
 * @param after since the rollout was applied
 * @param hold how long a stopped node stays stopped
 */
public record NodesPlan(Blow blow, int node, Duration after, Duration hold, int vms, int hosts) {
    public static final int NODES = 3;
    /** So many nodes, from the first one on, are of the other build where there is one, and are upgraded; the founder is among them. */
    static final int OTHERS = 2;

    public NodesPlan {
        require(node >= 1 && node <= NODES, "node", node, "1 to " + NODES);
        require(vms >= 1 && vms <= 64, "vms", vms, "1 to 64");
        require(blow != Blow.upgrade || vms >= RollingUpgrade.WAVES, "vms", vms, "one for each wave at least");
        require(hosts >= 1 && hosts <= 8, "hosts", hosts, "1 to 8");
    }

    private static void require(boolean holds, String what, int value, String range) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + " and must be " + range);
        }
    }
}
