package dev.neurath.coordinator.api;

import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.rollout.At;
import dev.neurath.model.rollout.MalformedSelector;
import dev.neurath.model.rollout.Selector;
import java.util.function.Supplier;

/** What callers send, made into what the model knows, or refused as INVALID_ARGUMENT with the field's name. */
final class Input {
    private Input() {}

    static VmId vm(String id) {
        return checked("vm", () -> new VmId(id));
    }

    static HostId host(String id) {
        return checked("host", () -> new HostId(id));
    }

    static Selector selector(String text) {
        try {
            return Selector.parse(text, At.NOWHERE);
        } catch (MalformedSelector e) {
            throw invalid("selector", String.valueOf(e.getMessage()));
        }
    }

    static String required(String field, String value, String whatFor) {
        if (value.isBlank()) {
            throw Refused.badInput(
                    Refusal.of("INPUT_INVALID", "%s must not be empty: %s.".formatted(field, whatFor), "give one"));
        }
        return value;
    }

    /** @param made throws IllegalArgumentException with a sentence */
    static <T> T checked(String field, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw invalid(field, String.valueOf(e.getMessage()));
        }
    }

    private static io.grpc.StatusRuntimeException invalid(String field, String why) {
        return Refused.badInput(Refusal.of("INPUT_INVALID", "%s: %s".formatted(field, why), "correct it"));
    }
}
