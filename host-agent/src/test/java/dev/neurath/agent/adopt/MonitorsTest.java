package dev.neurath.agent.adopt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MonitorsTest {
    @Test
    void only_what_the_command_line_calls_a_control_monitor_is_one() throws Exception {
        var commandLine = QemuCommandLine.parse(Arrays.asList(("qemu -qmp unix:a.qmp,server=on -qmp tcp:h:1,server=on"
                        + " -monitor unix:hmp,server=on -chardev socket,id=s,path=serial,server=on -serial chardev:s"
                        + " -mon chardev=m,mode=control -chardev socket,id=m,path=/run/b.qmp,server=on"
                        + " -chardev socket,id=h,path=/run/h,server=on -mon chardev=h,mode=readline")
                .split(" ")));
        assertThat(Monitors.control(commandLine, Path.of("/vms")))
                .containsExactly(Path.of("/vms/a.qmp"), Path.of("/run/b.qmp"));
    }
}
