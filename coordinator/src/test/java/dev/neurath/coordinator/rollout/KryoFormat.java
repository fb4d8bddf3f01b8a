package dev.neurath.coordinator.rollout;

import dev.neurath.persistence.kryo.KryoIds;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The shape of everything that nodes say to each other, one line for each number, and what may become of a line that was written once.
 *
 * <p>Kryo writes a record's components one after another by the order of their names, each with its class unless the declared one is final, and an enum as
 * its place among the constants. So a name, a declared type and an order are as much of the format as a number.
 *
 * <p>Constants may be added at the end of an enum, in a line of their own: an older node reads such a place as an error and drops that message, and never as
 * something else. Whoever sends the new constant sees to it that this does not matter.
 */
final class KryoFormat {
    private static final String RETIRED = " - retired";
    private static final String MORE = "+";

    private KryoFormat() {}

    static SortedMap<Integer, String> of(KryoIds ids) {
        var lines = new TreeMap<Integer, String>();
        ids.classes().forEach((number, type) -> {
            String shape = ids.writer(number)
                    .map(writer -> "by " + writer.getSimpleName())
                    .orElseGet(() -> shape(type));
            lines.put(number, "%d %s %s".formatted(number, type.getName(), shape));
        });
        return lines;
    }

    private static String shape(Class<?> type) {
        if (type.isRecord()) {
            return Arrays.stream(type.getRecordComponents())
                    .map(KryoFormat::component)
                    .collect(Collectors.joining(" ", "record ", ""))
                    .strip();
        }
        if (type.isEnum()) {
            // One with bodies is not final, and then Kryo writes the class before each.
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> ((Enum<?>) constant).name())
                    .collect(Collectors.joining(
                            " ", Modifier.isFinal(type.getModifiers()) ? "enum " : "enum-with-bodies ", ""));
        }
        return "by Kryo";
    }

    private static String component(RecordComponent component) {
        String type = component.getGenericType().getTypeName();
        return component.getName() + ":"
                + type.replace("java.lang.", "").replace("java.util.", "").replace(" ", "");
    }

    /** What nodes of the builds that wrote {@code golden} would misread. */
    static List<String> broken(List<String> golden, SortedMap<Integer, String> now) {
        var problems = new ArrayList<String>();
        byNumber(golden).forEach((number, once) -> {
            String present = now.get(number);
            if (once.endsWith(RETIRED)) {
                if (present != null) {
                    problems.add("%d was something else once; take a free number for: %s".formatted(number, present));
                }
            } else if (present == null) {
                problems.add("%d vanished, and older nodes send it: %s".formatted(number, once));
            } else if (!present.equals(once) && !addsConstants(once, present)) {
                problems.add("%d changed; leave it and take a free number%n  was %s%n  is  %s"
                        .formatted(number, once, present));
            }
        });
        return problems;
    }

    /** Lines that {@code golden} lacks for what is new. */
    static List<String> missing(List<String> golden, SortedMap<Integer, String> now) {
        SortedMap<Integer, String> known = byNumber(golden);
        var lines = new ArrayList<String>();
        now.forEach((number, present) -> {
            String once = known.get(number);
            if (once == null) {
                lines.add(present);
            } else if (addsConstants(once, present)) {
                lines.add("%d %s%s".formatted(number, MORE, present.substring(once.length())));
            }
        });
        return lines;
    }

    private static boolean addsConstants(String once, String present) {
        return once.split(" ", 4)[2].startsWith("enum") && present.startsWith(once + " ");
    }

    /** A later line of a number adds constants to its enum, or retires it. */
    private static SortedMap<Integer, String> byNumber(List<String> golden) {
        var lines = new TreeMap<Integer, String>();
        for (String line : golden) {
            String[] words = line.split(" ", 3);
            int number = Integer.parseInt(words[0]);
            String earlier = lines.get(number);
            if (earlier != null && words[1].equals(MORE)) {
                lines.put(number, earlier + " " + words[2]);
            } else if (earlier == null || line.endsWith(RETIRED)) {
                lines.put(number, line);
            } else {
                throw new IllegalArgumentException("two lines for " + number + ": " + line);
            }
        }
        return lines;
    }
}
