package dev.neurath.host;

import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmFact;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** What a host needs of its VMs, which it does not know. Must not block and must not throw. */
public interface HostPorts {
    /** An agent's report; may be lost, because the agent repeats it until the VM acknowledges. */
    void fact(HostId host, VmId vm, FactStamp stamp, VmFact fact);

    /**
     * The highest generation of each of {@code vms}, asked of the VMs themselves: an agent whose log was lost would carry out an order again that a
     * floor out of an older picture lets pass.
     *
     * @return completes exceptionally if one of them cannot be known now
     */
    CompletionStage<Map<VmId, Generation>> floors(HostId host, List<VmId> vms);

    /** Evidence that the host of this VM is dead; repeated until the VM is not placed here any more. */
    void declareDead(HostId host, VmId vm, String evidence, Actor by);
}
