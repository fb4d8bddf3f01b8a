package dev.neurath.model.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

    /** A survivor without a reason fails, and so does a reason without a survivor. */
    @Test
    @Timeout(600)
    void every_mechanical_mutant_is_killed_or_survives_for_a_reason() throws IOException {
        var survivors = new TreeSet<String>();
        int made = 0;
        for (Variant mutant : mechanical()) {
            made++;
            if (HUNT.kill(mutant, row(mutant)) == null) {
                survivors.add(mutant.name());
            }
        }
        System.out.printf("%d mutants made mechanically, %d survive for a reason%n", made, survivors.size());
        assertThat(survivors).isEqualTo(excused());
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
    private static Set<String> excused() throws IOException {
        var names = new TreeSet<String>();
        try (var in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(MutationTest.class.getResourceAsStream("surviving-mutants.txt")),
                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                int bar = line.indexOf(" | ");
                assertThat(bar).as("a reason in: " + line).isPositive();
                names.add(line.substring(0, bar));
            }
        }
        return names;
    }
}
