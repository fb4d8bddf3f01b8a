package dev.neurath.model.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
    private static final Map<String, String> LABELS = Map.of("rack", "a", "tier", "web");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|true",
                "rack = a|true",
                "rack==a|true",
                "rack = b|false",
                "rack != b|true",
                "gpu != x|true",
                "rack in (a,b)|true",
                "rack in ( b , c )|false",
                "rack notin (a,b)|false",
                "gpu notin (x)|true",
                "gpu in (x)|false",
                "rack|true",
                "gpu|false",
                "!gpu|true",
                "!rack|false",
                "rack in (a,b), tier != pinned, !gpu|true",
                "rack in (a,b), tier != web|false"
            })
    void labels_are_chosen_by_terms_that_must_all_hold(String text, boolean matches) {
        assertThat(Selector.parse(text, At.NOWHERE).matches(LABELS)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=",
                "rack =",
                "rack in",
                "rack in ()",
                "rack in (a",
                "rack in (a b)",
                ",",
                "rack,",
                "rack a",
                "!",
                "rack = a b",
                "rack in (a,)",
                "rack & tier",
                "in in"
            })
    void what_is_no_selector_is_refused_with_the_place(String text) {
        assertThatThrownBy(() -> Selector.parse(text, At.NOWHERE))
                .isInstanceOf(MalformedSelector.class)
                .hasMessageContaining("at character");
    }

    @ParameterizedTest
    @CsvSource({
        // A Friday.
        "2026-11-20T08:59:59Z,false",
        "2026-11-20T09:00:00Z,true",
        "2026-11-20T16:59:59Z,true",
        "2026-11-20T17:00:00Z,false",
        "2026-11-21T12:00:00Z,false"
    })
    void a_window_opens_at_its_hour_and_closes_before_its_end(Instant at, boolean open) {
        assertThat(Window.isOpen(List.of(window("09:00", "17:00", "UTC")), at)).isEqualTo(open);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-20T22:30:00Z,true",
        // Saturday's early morning belongs to Friday's night.
        "2026-11-21T03:00:00Z,true",
        "2026-11-21T04:00:00Z,false",
        // Monday's early morning would belong to Sunday's.
        "2026-11-23T03:00:00Z,false"
    })
    void a_window_over_midnight_belongs_to_the_day_on_which_it_begins(Instant at, boolean open) {
        assertThat(Window.isOpen(List.of(window("22:00", "04:00", "UTC")), at)).isEqualTo(open);
    }

    @Test
    void a_window_is_read_in_its_own_zone_and_none_means_always() {
        Instant at = Instant.parse("2026-11-20T08:30:00Z");
        assertThat(Window.isOpen(List.of(window("09:00", "17:00", "Europe/Amsterdam")), at))
                .isTrue();
        assertThat(Window.isOpen(List.of(), at)).isTrue();
    }

    private static Window window(String from, String to, String zone) {
        var workdays = new TreeSet<>(List.of(java.time.DayOfWeek.values()).subList(0, 5));
        return new Window(workdays, LocalTime.parse(from), LocalTime.parse(to), ZoneId.of(zone));
    }
}
