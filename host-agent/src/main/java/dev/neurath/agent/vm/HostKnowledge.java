package dev.neurath.agent.vm;

import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.proof.ProofDesk;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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

    /** Of a VM that somebody else had started, its own command line is what says it all. */
    @Override
    public ProofDesk.Words words(String id) throws IOException {
        AgentVm vm = store.load(new VmId(id));
        return vm.hasOrigin() ? new AsItWasStarted(vm) : ProofDesk.Words.OF_ITS_DESCRIPTION;
    }

    private record AsItWasStarted(AgentVm vm) implements ProofDesk.Words {
        private static final String NAMELESS = "memory-backend-memfd";

        @Override
        public Optional<List<String>> in(ReleaseManifest release) throws IOException {
            return Optional.of(BesideAdopted.machine(vm, release));
        }

        /** Only what its command line and its release make so: what is found out holds for every VM of its shape, and whose its files are is not in that. */
        @Override
        public Map<Method, String> impossible() {
            var impossible = new EnumMap<Method, String>(Method.class);
            impossible.put(Method.CPR_TRANSFER, vm.getOrigin().getNoCprTransfer());
            boolean nameless = vm.getOrigin().getArgvList().stream().anyMatch(word -> word.contains(NAMELESS));
            impossible.put(Method.SHARED_RAM, nameless ? vm.getOrigin().getNoSharedRam() : "");
            impossible.values().removeIf(String::isEmpty);
            return impossible;
        }
    }

    @Override
    public ReleaseManifest verified(ReleaseId release) throws IOException, Refused {
        return shelf.verified(release);
    }
}
