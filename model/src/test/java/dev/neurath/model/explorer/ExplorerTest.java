package dev.neurath.model.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.Recovery;
import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ExplorerTest {
    /** Rows that nothing in the explored world leads to, and why they stand in the table all the same. */
    private static final Map<String, String> NEVER_FIRED = Map.of(
            "1", "both run only after a stranger has sent SIGCONT to old and `cont` to it: two interventions",
            "1q", "follows row 1");

    private static List<Bounds> bounds() {
        var all = new ArrayList<Bounds>();
        for (Method method : Method.values()) {
            all.add(Bounds.of(method)
                    .crashes(2)
                    .foreign(1)
                    .logFaults(1)
                    .withReboot()
                    .withRehearsal());
            all.add(Bounds.of(method).crashes(1).owner(1).withRehearsal());
            all.add(Bounds.of(method).crashes(1).withLateMessages().withReboot());
            all.add(Bounds.of(method).crashes(1).attempts(2));
        }
        // The link knows no method.
        all.add(Bounds.of(Method.SHARED_RAM).crashes(1).attempts(2).withLateMessagesOfTheFirstAttempt());
        return all;
    }

    @Test
    void no_sequence_of_failures_within_the_bounds_breaks_an_invariant() {
        var recoveryRows = new TreeSet<String>();
        var vmRows = new TreeSet<String>();
        for (Bounds bounds : bounds()) {
            var product = new Product(Variant.PRODUCT);
            var result = new Explorer(product, bounds).explore();
            System.out.printf(
                    "%s%n  %,d states, %,d transitions, %,d at rest, %d at the edge of what can be described%n",
                    bounds, result.states(), result.transitions(), result.rests(), result.edges());
            assertThat(result.violation()).as(() -> bounds.toString()).isNull();
            assertThat(result.edges()).isZero();
            recoveryRows.addAll(product.recoveryRowsFired);
            vmRows.addAll(product.vmRowsFired);
        }
        System.out.println("rows of the recovery table fired: " + recoveryRows);
        System.out.println("rows of the VM's table fired: " + vmRows);
        var missing = new TreeSet<String>();
        Recovery.TABLE.forEach(row -> missing.add(row.number()));
        missing.removeAll(recoveryRows);
        assertThat(missing).isEqualTo(new TreeSet<>(NEVER_FIRED.keySet()));
    }

    /** With old stopped and new staged, under whatever mark, there are two that can let it run on. */
    @Test
    void one_death_loses_the_guest_only_where_one_process_holds_it() {
        var single = lost(1);
        System.out.println("one death that ends LOST: " + single);
        assertThat(single)
                .containsOnlyKeys(
                        "old died, guest on old",
                        "old died, streaming",
                        "old died, undoing",
                        "new died, committed",
                        "new died, guest on new");
    }

    @Test
    void two_deaths_that_lose_the_guest_are_told() {
        var pairs = lost(2);
        System.out.println("deaths that end LOST:");
        pairs.forEach((crashes, methods) -> System.out.println("  " + crashes + " " + methods));
        assertThat(pairs).isNotEmpty();
    }

    private static Map<String, Set<Method>> lost(int crashes) {
        var found = new TreeMap<String, Set<Method>>();
        for (Method method : Method.values()) {
            var bounds = Bounds.of(method).crashes(crashes).tellingCrashesApart();
            var result = new Explorer(new Product(Variant.PRODUCT), bounds).explore(s -> {
                if (Host.done(s) && Host.ending(s) == Ending.LOST && s.get(Field.CRASHES_LEFT) == 0) {
                    String first = Crash.numbered(s.get(Field.FIRST_CRASH)).toString();
                    String both = s.is(Field.SECOND_CRASH)
                            ? first + "; then " + Crash.numbered(s.get(Field.SECOND_CRASH))
                            : first;
                    found.computeIfAbsent(both, k -> new TreeSet<>()).add(method);
                }
            });
            assertThat(result.violation()).isNull();
        }
        return found;
    }
}
