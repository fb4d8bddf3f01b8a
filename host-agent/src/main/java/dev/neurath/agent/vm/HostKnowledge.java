package dev.neurath.agent.vm;

import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.proof.ProofDesk;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmSpec;
import java.io.IOException;
import java.util.Optional;

/** What a probe may know of this host: its VMs as they were written down, and the releases that it may execute. */
record HostKnowledge(VmStore store, ReleaseShelf shelf) implements ProofDesk.Knowledge {
    @Override
    public Optional<VmSpec> vm(String id) throws IOException {
        var vm = new VmId(id);
        return store.ids().contains(vm)
                ? Optional.of(VmCodec.decode(store.load(vm).getSpec()))
                : Optional.empty();
    }

    @Override
    public ReleaseManifest verified(ReleaseId release) throws IOException, Refused {
        return shelf.verified(release);
    }
}
