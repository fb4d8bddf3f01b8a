package dev.neurath.model.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.handover.RecoveryOracle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An explorer that finds nothing proves nothing: what is put in on purpose must be found. */
final class MutationTest {
    private static final Hunt HUNT = new Hunt();

    static List<Variant> named() {
        return Mutants.named();
    }

    @ParameterizedTest
    @MethodSource("named")
    void a_flaw_that_the_protocol_names_is_caught(Variant mutant) {
        var found = HUNT.kill(mutant, null);
        assertThat(found).as(mutant.name()).isNotNull();
        System.out.printf(
                "%s: invariant %s, after %d moves%n",
                mutant.name(),
                Objects.requireNonNull(found).invariant(),
                found.trace().size());
    }

    /**
     * Whatever is dropped from the recovery table, swapped, shrunk or negated in it is noticed by the second way of saying it, whether or not the
     * explored world leads there. What is not noticed changes nothing, and the list proves it.
     */
    @Test
    void every_mechanical_mutant_of_the_recovery_table_does_something_else_somewhere_or_changes_nothing()
            throws IOException {
        var same = new TreeSet<String>();
        int made = 0;
        for (Variant mutant : Mutants.ofRecovery()) {
            made++;
            if (RecoveryOracle.disagreement(mutant.steps()::next).isEmpty()) {
                same.add(mutant.name());
            }
        }
        System.out.printf("%d mutants of the recovery table, %d of them change nothing%n", made, same.size());
        assertThat(same).isEqualTo(reasons("mutants-that-change-nothing.txt").keySet());
    }

    /** What the explorer cannot tell from the product is listed with why; a name there that it does kill fails as well. */
    @Test
    @Timeout(600)
    void every_mechanical_mutant_is_killed_in_the_explored_world_or_lies_beyond_it_for_a_reason() throws IOException {
        var survivors = new TreeSet<String>();
        int made = 0;
        for (Variant mutant : mechanical()) {
            made++;
            if (HUNT.kill(mutant, row(mutant)) == null) {
                survivors.add(mutant.name());
            }
        }
        System.out.printf("%d mutants made mechanically, %d survive for a reason%n", made, survivors.size());
        assertThat(survivors).isEqualTo(reasons("surviving-mutants.txt").keySet());
    }

    private static List<Variant> mechanical() {
        var all = new ArrayList<Variant>(Mutants.ofRecovery());
        all.addAll(Mutants.ofVmTable());
        all.addAll(Mutants.ofPersistPoints());
        return all;
    }

    private static @org.jspecify.annotations.Nullable String row(Variant mutant) {
        String vmTable = "VM table without ";
        String name = mutant.name();
        if (name.startsWith(vmTable)) {
            return name.substring(vmTable.length());
        }
        // A guard that holds more often makes its row fire where the product's does not.
        return name.startsWith("row ") && !name.contains(": guard ") ? name.substring(0, name.indexOf(':')) : null;
    }

    /** Lines {@code name | reason}. */
    private static SortedMap<String, String> reasons(String file) throws IOException {
        var names = new TreeMap<String, String>();
        try (var in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(MutationTest.class.getResourceAsStream(file)), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                int bar = line.indexOf(" | ");
                assertThat(bar).as("a reason in: " + line).isPositive();
                names.put(line.substring(0, bar), line.substring(bar + 3));
            }
        }
        return names;
    }
}
