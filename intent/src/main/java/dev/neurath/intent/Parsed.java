package dev.neurath.intent;

import dev.neurath.model.Refusal;
import java.util.List;

/** A file as it was read, or everything that is wrong with it. */
public sealed interface Parsed<T> {
    record Read<T>(T value) implements Parsed<T> {}

    /** @param refusals at least one, in the order of the file, all with code INTENT_INVALID */
    record Invalid<T>(List<Refusal> refusals) implements Parsed<T> {
        public Invalid {
            refusals = List.copyOf(refusals);
        }

        /** @return all of them as one, for an answer that holds only one */
        public Refusal asOne() {
            if (refusals.size() == 1) {
                return refusals.getFirst();
            }
            return Refusal.of(
                    Intent.INVALID,
                    String.join("\n", refusals.stream().map(Refusal::sentence).toList()),
                    refusals.getFirst().wayOut());
        }
    }
}
