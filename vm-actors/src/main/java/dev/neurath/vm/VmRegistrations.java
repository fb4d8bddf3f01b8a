package dev.neurath.vm;

import dev.neurath.persistence.kryo.KryoIds;
import dev.neurath.persistence.kryo.KryoRegistration;

/** What a VM hears from and says to other nodes: numbers 200 to 299. What it tells itself never leaves the node and has none. */
public final class VmRegistrations implements KryoRegistration {
    @Override
    public void register(KryoIds ids) {
        ids.add(200, VmActor.Request.class)
                .add(201, VmActor.Tell.class)
                .add(202, VmActor.Get.class)
                .add(203, VmActor.Wake.class)
                .add(210, VmActor.Accepted.class)
                .add(211, VmActor.Refused.class)
                .add(212, VmActor.Unavailable.class);
    }
}
