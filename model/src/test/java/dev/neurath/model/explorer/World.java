package dev.neurath.model.explorer;

import dev.neurath.model.handover.QemuTable.Status;

/** Everything that can happen next, within the bounds. */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class World {
    private final Product product;
    private final Bounds bounds;
    private final AgentMoves agent;
    private final QemuMoves qemu;
    private final FaultMoves faults;
    private final CoordinatorMoves coordinator;

    World(Product product, Bounds bounds) {
        this.product = product;
        this.bounds = bounds;
        qemu = new QemuMoves(bounds.method());
        agent = new AgentMoves(product, bounds, new StepMoves(product, bounds, qemu));
        faults = new FaultMoves(bounds, agent, qemu);
        coordinator = new CoordinatorMoves(product, bounds, agent);
    }

    /** One guest runs on one QEMU, and nothing is going on. */
    State initial() {
        return new State()
                .set(Field.AGENT_ALIVE, true)
                .set(Field.FLOOR, 1)
                .set(Field.OLD, Status.RUNNING.ordinal())
                .set(Field.OLD_CURRENT, true)
                .set(Field.NEW, Status.EXITED.ordinal())
                .set(Field.VM, product.vms.number(Fleet.steady()))
                .set(Field.CRASHES_LEFT, bounds.crashes())
                .set(Field.FOREIGN_LEFT, bounds.foreign())
                .set(Field.LOG_FAULTS_LEFT, bounds.logFaults())
                .set(Field.OWNER_LEFT, bounds.owner())
                .set(Field.INVENTORY_LEFT, bounds.lateMessages())
                .set(Field.UPGRADES_LEFT, bounds.attempts());
    }

    /**
     * @param host takes what the agent and the two QEMUs do of their own accord
     * @param others takes what comes from elsewhere, a message's arrival at the agent included
     */
    void from(State s, Moves host, Moves others) {
        agent.from(s, host);
        qemu.from(s, host);
        coordinator.from(s, others);
        faults.from(s, others);
    }
}
