package dev.neurath.codec;

/** A protobuf message that says less than its model needs, or something else: names the field, so that the sender can be found. */
public final class MalformedMessage extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String field;

    public MalformedMessage(String field, String why) {
        super("%s %s".formatted(field, why));
        this.field = field;
    }

    MalformedMessage(String field, IllegalArgumentException cause) {
        super("%s: %s".formatted(field, cause.getMessage()), cause);
        this.field = field;
    }

    static MalformedMessage missing(String field) {
        return new MalformedMessage(field, "is missing");
    }

    /** @return for example {@code VmEvent.HandedOver.pause} */
    public String field() {
        return field;
    }
}
