package dev.neurath.model.rollout;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Chooses by labels: terms joined by commas, all of which must hold. {@code rack in (a,b), tier != pinned, gpu, !old}.
 *
 * @param text as written
 * @param at where it stands in its file
 */
public record Selector(String text, List<Term> terms, At at) {
    public static final Selector ALL = new Selector("", List.of(), At.NOWHERE);

    public Selector {
        terms = List.copyOf(terms);
    }

    /** @throws MalformedSelector if {@code text} is not one; an empty one chooses everything */
    public static Selector parse(String text, At at) {
        return new Selector(text, new SelectorReader(text).terms(), at);
    }

    public boolean matches(Map<String, String> labels) {
        return terms.stream().allMatch(term -> term.matches(labels));
    }

    /** One condition on one label. */
    public sealed interface Term {
        boolean matches(Map<String, String> labels);
    }

    /** {@code key = a}, {@code key in (a,b)}: the label is there with one of the values. */
    public record In(String key, SortedSet<String> values) implements Term {
        public In {
            values = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(values));
        }

        @Override
        public boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return value != null && values.contains(value);
        }
    }

    /** {@code key != a}, {@code key notin (a,b)}: the label is absent or has another value. */
    public record NotIn(String key, SortedSet<String> values) implements Term {
        public NotIn {
            values = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(values));
        }

        @Override
        public boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return value == null || !values.contains(value);
        }
    }

    /** {@code key}: the label is there. */
    public record Exists(String key) implements Term {
        @Override
        public boolean matches(Map<String, String> labels) {
            return labels.containsKey(key);
        }
    }

    /** {@code !key}: the label is not there. */
    public record Absent(String key) implements Term {
        @Override
        public boolean matches(Map<String, String> labels) {
            return !labels.containsKey(key);
        }
    }
}
