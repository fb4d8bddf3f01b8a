package dev.neurath.model.proof;

import dev.neurath.model.vm.Method;
import org.jspecify.annotations.Nullable;

/**
 * What one probe found.
 *
 * @param method that it is about; null = whatever the method
 * @param code upper snake case; empty for WILL
 * @param evidence what was seen, as a sentence
 */
public record Finding(Probe probe, @Nullable Method method, Verdict verdict, String code, String evidence) {
    public boolean concerns(Method other) {
        return method == null || method == other;
    }
}
