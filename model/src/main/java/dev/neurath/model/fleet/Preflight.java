package dev.neurath.model.fleet;

import dev.neurath.model.Refusal;
import dev.neurath.model.vm.Method;
import java.util.Optional;

/**
 * Says beforehand why a VM should not be touched. Pure: the same facts give the same answer. What it does not know it does not refuse, since the
 * agent looks again before the guest is touched.
 */
public interface Preflight {
    /** @return why this VM cannot begin by any method, or empty */
    Optional<Refusal> refuses(PreflightFacts facts);

    /** @return why this method cannot be used, or empty */
    Optional<Refusal> refuses(PreflightFacts facts, Method method);

    /** @return true if all that speaks against this method is the state that a machine like the VM was given: the VM's own may be another */
    boolean refusesByStateOnly(PreflightFacts facts, Method method);
}
