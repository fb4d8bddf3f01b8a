package dev.neurath.model.proof;

import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import java.util.List;

/**
 * A question to one host's agent, which answers for all machines of the shape.
 *
 * @param vm that has the shape, on that host
 * @param way the releases in order, two or more
 */
public record ProofWanted(HostId host, VmId vm, List<ReleaseId> way, String shape) {
    public ProofWanted {
        way = List.copyOf(way);
    }
}
