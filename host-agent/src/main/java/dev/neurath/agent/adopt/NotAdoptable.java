package dev.neurath.agent.adopt;

/** An expected no: the process is left as it is. */
public final class NotAdoptable extends Exception {
    private static final long serialVersionUID = 1L;
    private final String code;

    public NotAdoptable(String code, String sentence) {
        super(sentence);
        this.code = code;
    }

    public String code() {
        return code;
    }

    public String sentence() {
        return String.valueOf(getMessage());
    }
}
