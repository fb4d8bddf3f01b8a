package dev.neurath.model.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The protocol's document shows the table that runs. */
final class ProtocolDocumentTest {
    private static final String BEGIN =
            "<!-- recovery table: generated from Recovery.TABLE, rewrite with -Dneurath.rewrite=true -->\n";
    private static final String END = "<!-- end of the recovery table -->\n";

    @Test
    void the_document_shows_the_recovery_table_as_it_is() throws IOException {
        Path file = Path.of(System.getProperty("neurath.root", ".."), "docs", "hand-over-protocol.md");
        String text = Files.readString(file);
        int from = text.indexOf(BEGIN) + BEGIN.length();
        int to = text.indexOf(END);
        assertThat(to).as("the table's place in " + file).isGreaterThanOrEqualTo(from);
        if (Boolean.getBoolean("neurath.rewrite")) {
            Files.writeString(file, text.substring(0, from) + table() + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to)).isEqualTo(table());
    }

    private static String table() {
        var out = new StringBuilder("| # | log | old | new | if | do | ending |\n|---|---|---|---|---|---|---|\n");
        for (Recovery.Row row : Recovery.TABLE) {
            out.append("| %s | %s | %s | %s | %s | %s | %s |\n"
                    .formatted(
                            row.number(),
                            words(row.marks(), EnumSet.of(Mark.BEGIN, Mark.SWITCH, Mark.COMMIT, Mark.UNDO)),
                            words(row.old(), EnumSet.allOf(OldStatus.class)),
                            words(row.fresh(), EnumSet.allOf(NewStatus.class)),
                            row.when() == Recovery.When.ALWAYS
                                    ? ""
                                    : row.when().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                            row.steps().stream().map(Step::label).collect(Collectors.joining(", ")),
                            row.ending().map(Ending::name).orElse("look again")));
        }
        return out.toString();
    }

    private static <E extends Enum<E>> String words(Set<E> set, Set<E> all) {
        if (set.equals(all)) {
            return "any";
        }
        var rest = EnumSet.copyOf(all);
        rest.removeAll(set);
        return rest.size() == 1 && set.size() > 1
                ? "not " + rest.iterator().next()
                : set.stream().sorted().map(Enum::name).collect(Collectors.joining(", "));
    }
}
