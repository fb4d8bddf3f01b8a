package dev.neurath.model.budget;

import dev.neurath.model.HostId;
import dev.neurath.model.VmId;

/** A VM that wants to begin, and the failure domains it lies in. An empty rack or zone is shared with nobody. */
public record TokenRequest(VmId vm, HostId host, String rack, String zone) {}
