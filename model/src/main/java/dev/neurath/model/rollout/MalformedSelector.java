package dev.neurath.model.rollout;

/** A text that is no label selector; the message says where and what was expected. */
public final class MalformedSelector extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public MalformedSelector(String text, int offset, String expected) {
        super("'%s' is not a label selector: %s expected at character %d".formatted(text, expected, offset + 1));
    }
}
