package dev.neurath.model.fleet;

import dev.neurath.model.Refusal;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.release.PairRefusal;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of one VM's way to a release.
 *
 * @param host that it is placed on; null if nothing is known of that host
 * @param runs what it runs, or will run by then; null if it runs nothing
 * @param from the release of that, if it is registered; null otherwise
 * @param proof what was found out about machines of its shape on this way; null = nobody was asked, or nobody answered
 * @param wayBack true if a VM without a way back is to be left alone
 */
public record PreflightFacts(
        VmState vm,
        @Nullable HostView host,
        @Nullable Revision runs,
        @Nullable Release from,
        Release to,
        List<PairRefusal> pairRefusals,
        @Nullable Proof proof,
        boolean wayBack) {
    /** What is known without having tried. */
    public PreflightFacts withoutProof() {
        return new PreflightFacts(vm, host, runs, from, to, pairRefusals, null, wayBack);
    }

    Optional<Refusal> pairRefusal(Method method) {
        return pairRefusals.stream()
                .filter(p ->
                        from != null && p.from().equals(from.id()) && p.to().equals(to.id()) && p.method() == method)
                .map(PairRefusal::refusal)
                .findFirst();
    }
}
