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
    @Test
    void without_a_measured_pause_nothing_is_expected() {
        assertThat(ExpectedPause.of(List.of(Fleets.steady("vm-1", "host-1", List.of()))))
                .isEmpty();
        assertThat(ExpectedPause.of(List.of(handedOver(1, new Pause.Unknown(Duration.ofMillis(3))))))
                .isEmpty();
    }

    @Test
    void the_band_leaves_the_longest_and_the_shortest_tenth_out() {
        List<VmState> vms = IntStream.rangeClosed(1, 21)
                .mapToObj(millis -> handedOver(millis, new Pause.Measured(Duration.ofMillis(millis))))
                .toList();
        assertThat(ExpectedPause.of(vms))
                .contains(new ExpectedPause(Duration.ofMillis(3), Duration.ofMillis(11), Duration.ofMillis(19), 21));
    }

    private static VmState handedOver(int number, Pause pause) {
        var g = new Generation(2);
        var stamp = new FactStamp(1, 2);
        return Fleets.steady("vm-" + number, "host-1", List.of())
                .evolve(new VmEvent.UpgradeBegun(
                        new Attempt(
                                g,
                                new RolloutId("r-1"),
                                0,
                                new ReleaseId("new"),
                                Method.SHARED_RAM,
                                "1.0",
                                Duration.ofSeconds(1)),
                        1))
                .evolve(new VmEvent.Prepared(g, stamp))
                .evolve(new VmEvent.SwitchAuthorized(g))
                .evolve(new VmEvent.HandedOver(
                        g,
                        pause,
                        new Revision(new ReleaseId("new"), "2.0", "bb"),
                        new QemuProcess("boot", 11, 101, "/run/q"),
                        Outcome.Footprint.UNKNOWN,
                        stamp));
    }
}
