package dev.neurath.model;

/**
 * An expected no: nothing was changed.
 *
 * @param code fixed, upper snake case, documented in docs/ops; what a program matches on
 * @param sentence one human sentence that names the field, VM or host and the value found
 * @param wayOut what the operator can do, if possible the next command
 */
public record Refusal(String code, String sentence, String wayOut) {
    public static Refusal of(String code, String sentence, String wayOut) {
        return new Refusal(code, sentence, wayOut);
    }
}
