package dev.neurath.agent.vm;

import dev.neurath.agent.adopt.Inspector;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.link.FactOutbox;
import dev.neurath.agent.qmp.QmpConnector;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * What all VMs of a host share.
 *
 * @param lease how long an attempt may stand READY
 * @param starts limits how many VMs are started at once: more than a few per core only make each other late
 * @param nonce random and fit for a file name
 */
record HostTools(
        AgentDirectories directories,
        VmStore store,
        QmpConnector connector,
        QemuStarter starter,
        Inspector inspector,
        VmProcesses processes,
        FactOutbox outbox,
        HealthWatch health,
        ExitWatch exits,
        HoldPoints holds,
        Duration lease,
        Semaphore starts,
        Supplier<String> nonce) {}
