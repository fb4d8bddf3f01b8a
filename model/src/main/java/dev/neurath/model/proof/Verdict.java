package dev.neurath.model.proof;

/** What a probe says about a hand-over. */
public enum Verdict {
    WILL,
    WONT,
    /** It could not be tried, or what was tried says nothing about the guest's own state. Never a refusal. */
    INCONCLUSIVE
}
