package dev.neurath.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;

/**
 * The two timers of a VM that waits: one repeats what is due, one ends the patience with this phase. Exists only while the VM waits, so that a million
 * VMs at rest pay nothing for it.
 *
 * <p>A repetition never prolongs the deadline: it belongs to (generation, phase) and is set once for them.
 */
final class Waiting {
    private final ActorContext<VmActor.Message> context;
    private final VmSettings settings;
    private final Generation generation;
    private final VmPhase phase;
    private int repetitions;
    private @Nullable Cancellable repeat;
    private @Nullable Cancellable deadline;

    Waiting(ActorContext<VmActor.Message> context, VmSettings settings, VmState vm) {
        this.context = context;
        this.settings = settings;
        generation = vm.generation();
        phase = vm.phase();
    }

    boolean isFor(VmState vm) {
        return phase == vm.phase() && generation.equals(vm.generation());
    }

    void repeatLater() {
        if (repeat != null) {
            repeat.cancel();
        }
        repeat = context.scheduleOnce(settings.repeatAfter(repetitions), context.getSelf(), VmActor.RepeatDue.INSTANCE);
        repetitions++;
    }

    void awaitDeadline(VmState vm) {
        if (deadline == null) {
            deadline = context.scheduleOnce(
                    settings.deadline(phase, vm.attempt()),
                    context.getSelf(),
                    new VmActor.DeadlineDue(generation, phase));
        }
    }

    void end() {
        if (repeat != null) {
            repeat.cancel();
        }
        if (deadline != null) {
            deadline.cancel();
        }
    }
}
