package dev.neurath.model.rollout;

import dev.neurath.model.Refusal;

/** What the planner answers. */
public sealed interface Planned {
    record Made(Plan plan) implements Planned {}

    record Refused(Refusal refusal) implements Planned {}

    static Planned refuse(String code, String sentence, String wayOut) {
        return new Refused(Refusal.of(code, sentence, wayOut));
    }
}
