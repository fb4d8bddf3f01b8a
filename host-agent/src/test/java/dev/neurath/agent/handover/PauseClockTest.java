package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.neurath.agent.qmp.QmpEvent;
import dev.neurath.model.vm.Pause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Times in microseconds. Old is told to send at 1000, stops at 1500; new is told to run at 5000, runs at 5200. */
class PauseClockTest {
    private static final Instant WALL = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration TRUE_PAUSE = micros(3700);
    private static final Duration AT_MOST = micros(4400);

    private final PauseClock clock = new PauseClock(0);

    private static Duration micros(long n) {
        return Duration.ofNanos(n * 1000);
    }

    private static QmpEvent event(String name, long receivedMicros, Optional<Instant> emitted) {
        return new QmpEvent(1, name, JsonNodeFactory.instance.objectNode(), receivedMicros * 1000, emitted);
    }

    private void handOver(QmpEvent stop, QmpEvent resume) {
        clock.stops(1_000_000);
        clock.stopped(stop);
        clock.letsRun(5_000_000);
        clock.resumed(Optional.of(resume), 6_000_000);
    }

    private static QmpEvent stop(long receivedMicros) {
        return event("STOP", receivedMicros, Optional.of(WALL.plus(micros(1500))));
    }

    private static QmpEvent resume(long wallJumpMicros) {
        return event("RESUME", 5400, Optional.of(WALL.plus(micros(5200 + wallJumpMicros))));
    }

    @Test
    void the_pause_is_what_the_two_qemus_say() {
        handOver(stop(1700), resume(0));
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(TRUE_PAUSE));
    }

    @Test
    void a_stop_that_is_received_late_in_one_batch_with_others_shortens_nothing() {
        handOver(stop(5370), resume(0));
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(TRUE_PAUSE));
    }

    @Test
    void a_wall_clock_that_is_set_forwards_is_noticed_and_the_bound_is_told() {
        handOver(stop(1700), resume(3_600_000_000L));
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(AT_MOST));
    }

    @Test
    void a_wall_clock_that_is_set_backwards_is_noticed_even_where_the_difference_stays_positive() {
        handOver(stop(1700), resume(-1000));
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(AT_MOST));
    }

    @Test
    void a_wall_clock_that_is_set_far_back_is_noticed_also_when_stop_was_received_late() {
        handOver(stop(5370), resume(-3_600_000_000L));
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(AT_MOST));
    }

    @Test
    void without_a_stamp_or_an_event_the_bound_is_told() {
        handOver(event("STOP", 1700, Optional.empty()), resume(0));
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(AT_MOST));

        PauseClock seen = new PauseClock(0);
        seen.stops(1_000_000);
        seen.stopped(stop(1700));
        seen.letsRun(5_000_000);
        seen.resumed(Optional.empty(), 6_000_000);
        assertThat(seen.reading(true)).isEqualTo(new Pause.Measured(micros(5000)));
    }

    @Test
    void a_guest_that_went_on_by_itself_was_stopped_as_long_as_its_qemu_says() {
        clock.stops(1_000_000);
        clock.stopped(stop(1700));
        clock.resumed(Optional.of(event("RESUME", 2400, Optional.of(WALL.plus(micros(2300))))), 9_000_000);
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(micros(800)));
    }

    @Test
    void the_first_stop_and_the_first_resume_count() {
        handOver(stop(1700), resume(0));
        clock.stops(8_000_000);
        handOver(event("STOP", 9000, Optional.of(WALL.plus(micros(9000)))), resume(9000));
        assertThat(clock.reading(true)).isEqualTo(new Pause.Measured(TRUE_PAUSE));
    }

    @Test
    void what_a_former_agent_began_lasted_at_least_since_its_commit() {
        clock.inherited(2_000_000);
        clock.resumed(Optional.empty(), 6_000_000);
        assertThat(clock.reading(true)).isEqualTo(new Pause.Unknown(micros(4000)));
    }

    @Test
    void a_guest_that_was_never_stopped_had_no_pause() {
        assertThat(clock.reading(false)).isEqualTo(new Pause.None());
    }
}
