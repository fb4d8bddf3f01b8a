package dev.neurath.agent.adopt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.adopt.Supervisors.Unit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SupervisorsTest {
    private static final int QEMU = 700;
    private static final int SHELL = 699;

    @Test
    void a_unit_that_ends_its_whole_control_group_would_end_the_new_qemu_too() {
        assertThat(unit(QEMU, "control-group", "no").endsBoth(QEMU, 1))
                .contains("systemd unit vm.service (KillMode=control-group)");
        assertThat(unit(QEMU, "mixed", "no").endsBoth(QEMU, 1)).isPresent();
        assertThat(unit(SHELL, "control-group", "no").endsBoth(QEMU, SHELL)).isPresent();
        assertThat(unit(QEMU, "process", "no").endsBoth(QEMU, 1)).isEmpty();
        assertThat(unit(QEMU, "none", "no").endsBoth(QEMU, 1)).isEmpty();
        assertThat(unit(QEMU, "control-group", "yes").endsBoth(QEMU, 1)).isEmpty();
        // Its main process goes on without this QEMU.
        assertThat(unit(400, "control-group", "no").endsBoth(QEMU, 1)).isEmpty();
        // A main process that is none any more.
        assertThat(unit(0, "control-group", "no").endsBoth(QEMU, 0)).isEmpty();
    }

    @Test
    void a_units_main_process_is_looked_after_and_so_is_what_nobody_can_tell() {
        assertThat(unit(QEMU, "process", "no").startsAgain(QEMU)).contains("systemd unit vm.service");
        assertThat(unit(400, "process", "no").startsAgain(QEMU)).isEmpty();
        assertThat(new Unit("vm.service", Map.of()).startsAgain(QEMU)).isPresent();
    }

    private static Unit unit(int main, String killMode, String remain) {
        return new Unit(
                "vm.service",
                Map.of("MainPID", Integer.toString(main), "KillMode", killMode, "RemainAfterExit", remain));
    }
}
