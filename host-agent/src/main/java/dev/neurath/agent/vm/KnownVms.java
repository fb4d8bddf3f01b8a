package dev.neurath.agent.vm;

import dev.neurath.agent.adopt.Inspector;
import dev.neurath.agent.process.MemoryMap;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.model.VmId;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The VMs of this agent, as its records on disk name them: whose process one is, and whose memory. */
record KnownVms(VmStore store) implements Inspector.Known {
    private interface Belongs {
        boolean to(AgentVm vm) throws IOException;
    }

    @Override
    public Optional<String> process(ProcessIdentity identity) throws IOException {
        return first(vm -> Incumbent.identity(vm).pid() == identity.pid()
                && Incumbent.identity(vm).startTimeTicks() == identity.startTimeTicks());
    }

    @Override
    public Optional<String> name(Path socket) throws IOException {
        return first(vm -> Takeover.publicPaths(vm).contains(socket));
    }

    @Override
    public Optional<String> memory(FileIdentity file) throws IOException {
        return first(vm -> !MemoryMap.of(Incumbent.identity(vm).pid())
                .map(map -> map.of(file))
                .orElse(List.of())
                .isEmpty());
    }

    private Optional<String> first(Belongs belongs) throws IOException {
        for (VmId id : store.ids()) {
            AgentVm vm = store.load(id);
            boolean runs = vm.hasProcess()
                    && vm.getEndedReason().isEmpty()
                    && Incumbent.identity(vm).isPresent();
            if (runs && belongs.to(vm)) {
                return Optional.of(id.value());
            }
        }
        return Optional.empty();
    }
}
