package dev.neurath.model.proof;

import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;

/**
 * A question to one host's agent, which answers for all machines of the shape.
 *
 * @param vm that has the shape, on that host
 */
public record ProofWanted(HostId host, VmId vm, ReleaseId from, ReleaseId to, String shape) {}
