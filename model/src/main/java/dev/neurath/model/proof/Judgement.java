package dev.neurath.model.proof;

import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What follows for a VM from what was found out about its shape. A schema's no is final: the stream would be read as something else than was written. What is
 * inconclusive refuses nothing.
 */
public final class Judgement {
    /** A machine without a guest was handed over, and not taken. */
    public static final String CLONE_REFUSED = "CLONE_REFUSED";

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

    /**
     * A clone was refused, and not for its method: by shared memory, which any pair can do, it was refused as well. What the schemas say holds for every state.
     */
    public static boolean blamesTheState(Method method, Proof proof) {
        List<Finding> against = proof.findings().stream()
                .filter(finding -> finding.verdict() == Verdict.WONT
                        && finding.probe() != Probe.CLONE_BACK
                        && finding.concerns(method))
                .toList();
        boolean byClone = !against.isEmpty()
                && against.stream()
                        .allMatch(finding ->
                                finding.probe() == Probe.CLONE && finding.code().equals(CLONE_REFUSED));
        boolean whateverTheMethod = proof.findings().stream()
                .anyMatch(finding -> finding.probe() == Probe.CLONE
                        && finding.method() == Method.SHARED_RAM
                        && finding.verdict() == Verdict.WONT
                        && finding.code().equals(CLONE_REFUSED));
        return byClone && whateverTheMethod;
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
