package dev.neurath.intent;

import dev.neurath.model.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;

/** Collects what is wrong, in the order of the file. */
final class Errors {
    private record Found(int line, int column, Refusal refusal) {}

    private final ArrayList<Found> errors = new ArrayList<>();

    void add(String path, @Nullable Mark mark, String what) {
        int line = mark == null ? 0 : mark.getLine() + 1;
        int column = mark == null ? 0 : mark.getColumn() + 1;
        String place = mark == null ? "" : " (line %d, column %d)".formatted(line, column);
        errors.add(new Found(
                line,
                column,
                Refusal.of(
                        Intent.INVALID,
                        "%s%s %s.".formatted(path, place, what),
                        mark == null ? "correct the file" : "correct line " + line)));
    }

    boolean isEmpty() {
        return errors.isEmpty();
    }

    List<Refusal> all() {
        return errors.stream()
                .sorted(Comparator.comparingInt(Found::line).thenComparingInt(Found::column))
                .map(Found::refusal)
                .toList();
    }
}
