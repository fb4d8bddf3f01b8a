package dev.neurath.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmOrder;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where a VM's effects go. Called from the VM's own thread, after the event is durable: must not block, must not throw, and may lose what it is given,
 * because everything here is sent again until a fact or the rollout answers.
 */
public interface VmPorts {
    void order(HostId host, VmId vm, VmOrder order);

    void acknowledge(HostId host, VmId vm, FactStamp stamp);

    /** The fact was refused and will never count: the agent may forget it, and is told why. */
    void disown(HostId host, VmId vm, FactStamp stamp, Refusal why);

    /**
     * The agent has carried out {@code told}, and no event assigned more than {@code known}: nothing may begin in the fleet until a human has looked.
     *
     * @return true once the freeze is durable; false, or exceptionally, if nobody knows whether it is
     */
    CompletionStage<Boolean> journalBehind(HostId host, VmId vm, Generation told, Generation known);

    /** @param pause null if the guest was never stopped as far as its agent told */
    void tellRollout(RolloutId rollout, VmId vm, int attemptNumber, VmEvent ended, @Nullable Pause pause);
}
