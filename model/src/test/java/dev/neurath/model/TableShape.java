package dev.neurath.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Checks that hold for every state machine's table. They prove no meaning; what each event means is said by the tests of its rules.
 *
 * @param legal per event: the phases that know it, written by hand a second time, so that a row dropped from or added to the table is noticed. Every
 *     other pair is impossible, for the reason that the test gives beside it
 */
public record TableShape<P extends Enum<P>, E>(
        TransitionTable<P, E> table, Class<P> phases, P initial, Class<E> events, Map<Class<?>, Set<P>> legal) {

    /** Collects the second opinion. */
    public static final class Legal<P extends Enum<P>> {
        private final Map<Class<?>, Set<P>> phases = new LinkedHashMap<>();

        /** @param elsewhere why it cannot happen in the other phases */
        @SafeVarargs
        public final Legal<P> event(Class<?> event, String elsewhere, P... in) {
            assertThat(elsewhere).isNotBlank();
            var known = new HashSet<P>();
            for (P phase : in) {
                known.add(phase);
            }
            assertThat(phases.put(event, known)).as("%s twice", event).isNull();
            return this;
        }

        public Map<Class<?>, Set<P>> map() {
            return phases;
        }
    }

    public void check() {
        everyPairIsDecided();
        everyPhaseIsReachable();
        everyPhaseComesToRest();
        nothingIsCompensatableAfterAPivot();
    }

    private void everyPairIsDecided() {
        assertThat(legal.keySet()).as("events with an opinion").isEqualTo(leaves(events));
        legal.forEach((event, in) -> {
            Set<P> rows = table.rows().stream()
                    .filter(row -> row.on().equals(event))
                    .map(Transition::from)
                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(phases)));
            assertThat(rows).as("phases that know %s", event.getSimpleName()).isEqualTo(in);
        });
    }

    private void everyPhaseIsReachable() {
        assertThat(reach(initial, row -> true)).isEqualTo(EnumSet.allOf(phases));
    }

    private void everyPhaseComesToRest() {
        Set<P> rest = table.rows().stream()
                .filter(row -> row.kind() == Kind.REST)
                .map(Transition::to)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(phases)));
        for (P phase : phases.getEnumConstants()) {
            assertThat(reach(phase, row -> true))
                    .as("phases that %s can reach", phase)
                    .containsAnyElementsOf(rest);
        }
    }

    private void nothingIsCompensatableAfterAPivot() {
        for (Transition<P, E> pivot : table.rows()) {
            if (pivot.kind() != Kind.PIVOT) {
                continue;
            }
            Set<P> after = reach(pivot.to(), row -> row.kind() != Kind.REST);
            assertThat(table.rows())
                    .filteredOn(row -> after.contains(row.from()))
                    .as("rows after the pivot %s", pivot)
                    .isNotEmpty()
                    .allMatch(row -> row.kind() == Kind.RETRIABLE || row.kind() == Kind.REST);
        }
    }

    private Set<P> reach(P from, Predicate<Transition<P, E>> over) {
        var found = EnumSet.of(from);
        var open = new ArrayDeque<P>(found);
        while (!open.isEmpty()) {
            P phase = open.remove();
            for (Transition<P, E> row : table.rows()) {
                if (row.from() == phase && over.test(row) && found.add(row.to())) {
                    open.add(row.to());
                }
            }
        }
        return found;
    }

    private static Set<Class<?>> leaves(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses()).collect(Collectors.toSet());
    }
}
