package dev.neurath.persistence.kryo;

/** A message of another node that cannot be read. Pekko logs it with all that it carries, so it is one sentence and no stack. */
final class UnreadMessage extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnreadMessage(String sentence) {
        super(sentence);
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Throwable fillInStackTrace() {
        return this;
    }
}
