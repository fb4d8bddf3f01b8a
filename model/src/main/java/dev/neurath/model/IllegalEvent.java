package dev.neurath.model;

/** An event that its phase does not know: the journal and the rules disagree, so the entity must stop instead of guessing. */
public final class IllegalEvent extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public IllegalEvent(String entity, Enum<?> phase, Object event) {
        super("%s in phase %s has no transition on %s".formatted(entity, phase, event));
    }
}
