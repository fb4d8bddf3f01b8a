package dev.neurath.host;

import dev.neurath.model.HostId;

/** The way to a host's actor, wherever it lives; a message may be lost. */
interface Hosts {
    void tell(HostId host, HostActor.Message message);
}
