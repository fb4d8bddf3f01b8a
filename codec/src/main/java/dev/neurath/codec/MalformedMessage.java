package dev.neurath.codec;

import com.google.protobuf.MessageOrBuilder;
import java.util.Set;

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

    /** For a message that is of none of the kinds of this build. */
    static MalformedMessage noKind(MessageOrBuilder message, String field) {
        Set<Integer> others = message.getUnknownFields().asMap().keySet();
        return others.isEmpty()
                ? missing(field)
                : new MalformedMessage(field, "is of a kind that this build does not know, in field " + others);
    }

    /** @return for example {@code VmEvent.HandedOver.pause} */
    public String field() {
        return field;
    }
}
