package dev.neurath.model.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExpectedPauseTest {
    private static final Generation G = new Generation(2);
    private static final FactStamp STAMP = new FactStamp(1, 2);

    @Test
    void without_a_measured_pause_nothing_is_expected() {
        assertThat(ExpectedPause.of(List.of(Fleets.steady("vm-1", "host-1", List.of()))))
                .isEmpty();
        assertThat(ExpectedPause.of(List.of(handedOver(1, new Pause.Unknown(Duration.ofMillis(3))))))
                .isEmpty();
    }

    @Test
    void nine_of_ten_lie_within_the_band() {
        List<VmState> vms = IntStream.rangeClosed(1, 21)
                .mapToObj(millis -> handedOver(millis, measured(millis)))
                .toList();
        assertThat(ExpectedPause.of(vms))
                .contains(new ExpectedPause(Duration.ofMillis(2), Duration.ofMillis(11), Duration.ofMillis(20), 21));
    }

    @Test
    void a_few_are_all_within_the_band() {
        assertThat(ExpectedPause.of(List.of(handedOver(1, measured(5)), handedOver(2, measured(9)))))
                .contains(new ExpectedPause(Duration.ofMillis(5), Duration.ofMillis(9), Duration.ofMillis(9), 2));
    }

    @Test
    void an_attempt_that_was_rolled_back_says_nothing_of_hand_overs() {
        assertThat(ExpectedPause.of(List.of(rolledBack(1, measured(900)), handedOver(2, measured(4)))))
                .contains(new ExpectedPause(Duration.ofMillis(4), Duration.ofMillis(4), Duration.ofMillis(4), 1));
    }

    private static Pause measured(long millis) {
        return new Pause.Measured(Duration.ofMillis(millis));
    }

    private static VmState handedOver(int number, Pause pause) {
        return switching(number)
                .evolve(new VmEvent.HandedOver(
                        G,
                        pause,
                        new Revision(new ReleaseId("new"), "2.0", "bb"),
                        new QemuProcess("boot", 11, 101, "/run/q"),
                        Outcome.Footprint.UNKNOWN,
                        STAMP));
    }

    private static VmState rolledBack(int number, Pause pause) {
        return switching(number)
                .evolve(new VmEvent.RolledBack(G, pause, "NEW_REFUSED_STATE", "It said no.", true, STAMP));
    }

    private static VmState switching(int number) {
        return Fleets.steady("vm-" + number, "host-1", List.of())
                .evolve(new VmEvent.UpgradeBegun(
                        new Attempt(
                                G,
                                new RolloutId("r-1"),
                                0,
                                new ReleaseId("new"),
                                Method.SHARED_RAM,
                                "1.0",
                                Duration.ofSeconds(1)),
                        1))
                .evolve(new VmEvent.Prepared(G, STAMP))
                .evolve(new VmEvent.SwitchAuthorized(G));
    }
}
