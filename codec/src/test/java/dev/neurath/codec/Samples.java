package dev.neurath.codec;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Random values of the model's records, from a seed. It finds every subtype of a sealed type and every component by itself, so that one added later is
 * tried too; a nullable component is null half of the time.
 */
public final class Samples {
    private final Random random;

    public Samples(long seed) {
        random = new Random(seed);
    }

    /** @return every record that {@code type} permits, however deep; itself if it is a record */
    public static List<Class<?>> records(Class<?> type) {
        if (type.isRecord()) {
            return List.of(type);
        }
        var out = new ArrayList<Class<?>>();
        for (Class<?> sub : type.getPermittedSubclasses()) {
            out.addAll(records(sub));
        }
        return out;
    }

    public <T> T of(Class<T> type) {
        return type.cast(value(type));
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type element = generic.getActualTypeArguments()[0];
            if (generic.getRawType() == Map.class) {
                return map();
            } else if (generic.getRawType() == SortedMap.class) {
                return new TreeMap<>(map());
            } else if (generic.getRawType() == SortedSet.class) {
                return new TreeSet<>(list(element));
            }
            return list(element);
        }
        var raw = (Class<?>) type;
        if (raw == String.class) {
            return text();
        } else if (raw == int.class) {
            return random.nextInt();
        } else if (raw == long.class) {
            return random.nextLong();
        } else if (raw == boolean.class) {
            return random.nextBoolean();
        } else if (raw == Duration.class) {
            return Duration.ofSeconds(random.nextInt(), random.nextInt(1_000_000_000));
        } else if (raw == Instant.class) {
            return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
        } else if (raw == LocalTime.class) {
            return LocalTime.ofSecondOfDay(random.nextInt(24 * 60 * 60));
        } else if (raw == ZoneId.class) {
            return ZoneId.of(random.nextBoolean() ? "Europe/Amsterdam" : "UTC");
        } else if (raw.isEnum()) {
            return raw.getEnumConstants()[random.nextInt(raw.getEnumConstants().length)];
        } else if (raw.isRecord()) {
            return record(raw);
        }
        List<Class<?>> subtypes = records(raw);
        return record(subtypes.get(random.nextInt(subtypes.size())));
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        var types = new Class<?>[components.length];
        var arguments = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            arguments[i] = component(type, components[i]);
        }
        try {
            var constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no sample of " + type, e);
        }
    }

    private @Nullable Object component(Class<?> type, RecordComponent component) {
        AnnotatedType annotated = component.getAnnotatedType();
        if (annotated.isAnnotationPresent(Nullable.class) && random.nextBoolean()) {
            return null;
        }
        boolean id = component.getName().equals("value") && component.getType() == String.class;
        if (id) {
            return "id-" + Integer.toUnsignedString(random.nextInt(), 36);
        }
        if (type.getSimpleName().equals("Generation")) {
            return random.nextLong(Long.MAX_VALUE);
        }
        if (type.getSimpleName().equals("Budget")) {
            return random.nextInt(Integer.MAX_VALUE);
        }
        if (component.getName().equals("signature")) {
            // Base64, as a release key writes it.
            return Base64.getEncoder().encodeToString(text().getBytes(StandardCharsets.UTF_8));
        }
        if (component.getName().equals("candidates")) {
            // A plan never assigns a VM that no method can take.
            var candidates = list(Plan.Candidate.class);
            candidates.add(new Plan.Candidate(Method.SHARED_RAM, null, Rehearsal.NONE));
            return candidates;
        }
        if (component.getName().equals("hops") && component.getType() == List.class) {
            var hops = list(Plan.Hop.class);
            hops.add(of(Plan.Hop.class));
            return hops;
        }
        if (component.getName().equals("way")) {
            var way = list(ReleaseId.class);
            way.add(of(ReleaseId.class));
            way.add(of(ReleaseId.class));
            return way;
        }
        return value(component.getGenericType());
    }

    /** Never empty: an empty nullable string comes back as null. */
    private String text() {
        return "text é € " + random.nextInt() + "\n\0";
    }

    private List<Object> list(Type element) {
        var out = new ArrayList<Object>();
        for (int i = random.nextInt(3); i > 0; i--) {
            out.add(value(element));
        }
        return out;
    }

    private Map<String, String> map() {
        var out = new LinkedHashMap<String, String>();
        for (int i = random.nextInt(3); i > 0; i--) {
            out.put(text(), text());
        }
        return out;
    }
}
