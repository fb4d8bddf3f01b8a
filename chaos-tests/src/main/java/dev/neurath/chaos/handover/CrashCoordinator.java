package dev.neurath.chaos.handover;

import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmState;
import java.io.IOException;

/** Whom a crash run gives its commands, and asks what is known. */
public sealed interface CrashCoordinator extends AutoCloseable permits RulesCoordinator, CoordinatorProcess {
    /** For agents to dial. */
    String address();

    /** As its journal has it. */
    VmState vm(VmId id);

    /** Returns once the journal has it. */
    void command(VmId id, VmCommand command) throws IOException, InterruptedException;

    /** Sends again what is due. */
    void repeat();

    @Override
    void close();
}
