package dev.neurath.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Report report = new Report("fruit", new Conditions(2, "a cpu", "1 kB", "a kernel", "25", "0.10"));

    @Test
    void baseline_ours_and_their_ratio_stand_side_by_side() {
        report.row("apples", Map.of("grams", 200.0));
        report.compare("gramsP50", "pears", 4, 5);

        assertThat(report.json().path("compared").path(0).toString())
                .isEqualTo(
                        "{\"what\":\"gramsP50\",\"against\":\"pears\",\"baseline\":4.0,\"ours\":5.0,\"ratio\":1.25}");
        assertThat(report.lines())
                .contains("  loadBefore: 0.10")
                .anySatisfy(line -> assertThat(line).matches("apples +200"))
                .anySatisfy(line -> assertThat(line).matches("grams p50 +pears +4 +5 +1\\.25"));
    }

    @Test
    void rows_with_columns_of_their_own_are_a_table_of_their_own() {
        report.row("apples", Map.of("grams", 200.0));
        report.row("otherFruit", "pears", Map.of("millis", 3.0));

        assertThat(report.json().path("measured")).hasSize(1);
        assertThat(report.json().path("otherFruit").toString()).isEqualTo("[{\"name\":\"pears\",\"millis\":3.0}]");
        assertThat(report.lines())
                .anySatisfy(line -> assertThat(line).matches("OTHER FRUIT +MILLIS"))
                .anySatisfy(line -> assertThat(line).matches("pears +3"));
    }

    @Test
    void nothing_is_no_multiple_of_nothing() {
        report.compare("gramsP50", "air", 0, 5);

        assertThat(report.json().path("compared").path(0).path("ratio").isNull())
                .isTrue();
        assertThat(report.lines()).anySatisfy(line -> assertThat(line).matches("grams p50 +air +0 +5 +-"));
    }

    @Test
    void figures_have_three_digits() {
        assertThat(Report.shown(0.12345)).isEqualTo("0.123");
        assertThat(Report.shown(1.2345)).isEqualTo("1.23");
        assertThat(Report.shown(12.345)).isEqualTo("12.3");
        assertThat(Report.shown(12345.6)).isEqualTo("12346");
        assertThat(Report.shown(40.0)).isEqualTo("40");
    }

    @Test
    void names_are_read_as_words() {
        assertThat(Report.words("pauseMillisP50")).isEqualTo("pause millis p50");
    }
}
