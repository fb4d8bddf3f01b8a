package dev.neurath.model.proof;

import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import java.util.Locale;
import java.util.Optional;

/**
 * What follows for a VM from what was found out about its shape. A schema's no is final: the stream would be read as something else than was written. What is
 * inconclusive refuses nothing.
 */
public final class Judgement {
    private Judgement() {}

    /** @return why this method cannot take the VM there, or empty */
    public static Optional<Refusal> refuses(VmId vm, Method method, Proof proof) {
        for (Finding finding : proof.findings()) {
            if (finding.verdict() != Verdict.WONT || !finding.concerns(method)) {
                continue;
            }
            switch (finding.probe()) {
                case SCHEMA -> {
                    return Optional.of(Refusal.of(
                            finding.code(),
                            "VM %s: release %s does not read the device state that release %s writes: %s"
                                    .formatted(vm, proof.to(), proof.from(), finding.evidence()),
                            "choose another release, or unplug the device before"));
                }
                case CLONE -> {
                    return Optional.of(Refusal.of(
                            finding.code(),
                            "VM %s: a machine like it, without a guest, did not get from release %s to %s by %s: %s"
                                    .formatted(vm, proof.from(), proof.to(), word(method), finding.evidence()),
                            "choose another release"));
                }
                case CLONE_BACK -> {}
            }
        }
        return Optional.empty();
    }

    /** @return why there is no way back once it is there, or empty */
    public static Optional<Refusal> refusesBack(VmId vm, Proof proof) {
        return proof.first(Probe.CLONE_BACK, Verdict.WONT)
                .map(finding -> Refusal.of(
                        "WAY_BACK_NONE",
                        "VM %s: a machine like it, without a guest, got from release %s to %s, and not back: %s"
                                .formatted(vm, proof.from(), proof.to(), finding.evidence()),
                        "plan with wayBack: optional if it need not go back"));
    }

    private static String word(Method method) {
        return method.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
