package dev.neurath.coordinator.feed;

import dev.neurath.proto.v1.Severity;

/**
 * What an event says to people.
 *
 * @param reason upper snake case code, or empty
 * @param text one sentence
 * @param actor who caused it, or empty when nobody in particular did
 */
public record Sentence(Severity severity, String reason, String text, String actor) {
    static Sentence info(String text) {
        return new Sentence(Severity.SEVERITY_INFO, "", text, "");
    }

    static Sentence info(String reason, String text) {
        return new Sentence(Severity.SEVERITY_INFO, reason, text, "");
    }

    static Sentence warning(String reason, String text) {
        return new Sentence(Severity.SEVERITY_WARNING, reason, text, "");
    }

    static Sentence error(String reason, String text) {
        return new Sentence(Severity.SEVERITY_ERROR, reason, text, "");
    }

    Sentence by(String newActor) {
        return new Sentence(severity, reason, text, newActor);
    }
}
