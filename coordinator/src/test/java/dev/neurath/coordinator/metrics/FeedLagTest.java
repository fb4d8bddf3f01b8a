package dev.neurath.coordinator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FeedLagTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

    private Instant now = START;
    private boolean reachable = true;
    private @Nullable Instant oldest;
    private final FeedLag lag = new FeedLag(() -> now, this::oldestWaiting);

    private Optional<Instant> oldestWaiting() {
        if (!reachable) {
            throw new IllegalStateException("the database is away");
        }
        return Optional.ofNullable(oldest);
    }

    private Duration after(Duration time) {
        now = now.plus(time);
        return lag.now();
    }

    @Test
    void an_idle_fleet_has_none() {
        assertThat(after(Duration.ofDays(3))).isZero();
    }

    @Test
    void a_view_that_stands_still_has_more_and_more() {
        oldest = START.plusSeconds(10);
        assertThat(after(Duration.ofSeconds(12))).isEqualTo(Duration.ofSeconds(2));
        assertThat(after(Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(3602));
    }

    @Test
    void a_node_that_folds_an_old_journal_is_behind_since_its_start() {
        oldest = START.minus(Duration.ofDays(90));
        assertThat(after(Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void an_event_of_a_clock_that_is_ahead_waits_for_no_time() {
        oldest = START.plusSeconds(60);
        assertThat(after(Duration.ofSeconds(1))).isZero();
    }

    @Test
    void without_the_database_the_view_may_lack_all_since_it_was_whole() {
        assertThat(after(Duration.ofSeconds(30))).isZero();
        reachable = false;
        assertThat(after(Duration.ofSeconds(20))).isEqualTo(Duration.ofSeconds(20));
        reachable = true;
        assertThat(after(Duration.ofSeconds(20))).isZero();
    }
}
