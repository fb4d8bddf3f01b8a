package dev.neurath.model.explorer;

import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Explores mutants until something breaks, small bounds first: most die within a thousand states. A mutant of one row is not looked for where the
 * product never uses that row: there it does what the product does.
 */
final class Hunt {
    private static final List<Bounds> GROUNDS = List.of(
            Bounds.of(Method.CPR_TRANSFER),
            Bounds.of(Method.SHARED_RAM).crashes(1),
            Bounds.of(Method.CPR_TRANSFER).crashes(1).withReboot(),
            Bounds.of(Method.SHARED_RAM).owner(1),
            Bounds.of(Method.SHARED_RAM).withRehearsal().crashes(1),
            Bounds.of(Method.SHARED_RAM).withLateMessages().crashes(1),
            Bounds.of(Method.SHARED_RAM).logFaults(1),
            Bounds.of(Method.SHARED_RAM).foreign(1).crashes(1),
            Bounds.of(Method.SHARED_RAM).crashes(2));

    private final List<Set<String>> fired = new ArrayList<>();

    Hunt() {
        for (Bounds bounds : GROUNDS) {
            var product = new Product(Variant.PRODUCT);
            var broken = new Explorer(product, bounds).explore().violation();
            if (broken != null) {
                throw new IllegalStateException("the product itself: " + broken);
            }
            var rows = new TreeSet<String>(product.vmRowsFired);
            product.recoveryRowsFired.forEach(n -> rows.add("row " + n));
            fired.add(rows);
        }
    }

    /**
     * @param row the only one that differs from the product's, as {@code row 6b} or {@code SWITCHING on Lost}; null if it is not one row
     * @return what broke; null if nothing did
     */
    Explorer.@Nullable Violation kill(Variant mutant, @Nullable String row) {
        for (int i = 0; i < GROUNDS.size(); i++) {
            if (row != null && !fired.get(i).contains(row)) {
                continue;
            }
            var found =
                    new Explorer(new Product(mutant), GROUNDS.get(i)).explore().violation();
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
