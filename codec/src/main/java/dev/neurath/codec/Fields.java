package dev.neurath.codec;

import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads single fields of a message: absent, out of range or of a wrong shape is a {@link MalformedMessage} that names the field. */
final class Fields {
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private Fields() {}

    static void require(boolean present, String field) {
        if (!present) {
            throw MalformedMessage.missing(field);
        }
    }

    static VmId vm(String value, String field) {
        return id(VmId::new, value, field);
    }

    static HostId host(String value, String field) {
        return id(HostId::new, value, field);
    }

    static ReleaseId release(String value, String field) {
        return id(ReleaseId::new, value, field);
    }

    static RolloutId rollout(String value, String field) {
        return id(RolloutId::new, value, field);
    }

    static Generation generation(long value, String field) {
        if (value < 0) {
            throw new MalformedMessage(field, "must not be negative: " + value);
        }
        return new Generation(value);
    }

    static Actor actor(String value) {
        return new Actor(value);
    }

    /** Protobuf has no null string: absent and empty are the same. */
    static @Nullable String nullable(String value) {
        return value.isEmpty() ? null : value;
    }

    static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }

    /** Protobuf wants seconds and nanos of the same sign, Java wants nanos never negative. */
    static com.google.protobuf.Duration encode(Duration duration) {
        boolean negativeWithNanos = duration.isNegative() && duration.getNano() > 0;
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(negativeWithNanos ? duration.getSeconds() + 1 : duration.getSeconds())
                .setNanos(negativeWithNanos ? duration.getNano() - NANOS_PER_SECOND : duration.getNano())
                .build();
    }

    static Duration duration(boolean present, com.google.protobuf.Duration value, String field) {
        require(present, field);
        long seconds = value.getSeconds();
        int nanos = value.getNanos();
        if (Math.abs((long) nanos) >= NANOS_PER_SECOND) {
            throw new MalformedMessage(field, "has nanos out of range: " + nanos);
        }
        try {
            return Duration.ofSeconds(seconds, nanos);
        } catch (ArithmeticException e) {
            throw new MalformedMessage(
                    field, "is out of range: %d s, %d ns (%s)".formatted(seconds, nanos, e.getMessage()));
        }
    }

    static com.google.protobuf.Timestamp encode(Instant instant) {
        return com.google.protobuf.Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static Instant instant(boolean present, com.google.protobuf.Timestamp value, String field) {
        require(present, field);
        long seconds = value.getSeconds();
        int nanos = value.getNanos();
        if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
            throw new MalformedMessage(field, "has nanos out of range: " + nanos);
        }
        try {
            return Instant.ofEpochSecond(seconds, nanos);
        } catch (DateTimeException e) {
            throw new MalformedMessage(field, "is out of range: " + seconds + " s");
        }
    }

    static FleetId fleet(String value, String field) {
        return id(FleetId::new, value, field);
    }

    private static <T> T id(Function<String, T> constructor, String value, String field) {
        try {
            return constructor.apply(value);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage(field, e);
        }
    }
}
