package dev.neurath.agent.vm;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.agent.handover.Trial.Refused;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtraArgumentsTest {
    @Test
    void devices_and_output_to_files_may_be() {
        assertThatCode(() -> ExtraArguments.check(List.of(
                        "-kernel", "/boot/guest.elf",
                        "-append", "hz=100 dpt=8",
                        "-chardev", "file,id=beat,append=on,path=/tmp/beats",
                        "-device", "isa-debugcon,iobase=0xe9,chardev=beat",
                        "-netdev", "hubport,id=net0,hubid=0",
                        "-name", "web-1,debug-threads=on")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-S",
                "--incoming",
                "-daemonize",
                "-pidfile",
                "-qmp",
                "-vnc",
                "-mem-path",
                "socket,id=c0,path=/tmp/c0,server=on,wait=off",
                "socket,id=c0,path=/tmp/c0,server",
                "unix:/tmp/serial,server=on",
                "tcp::4444,server",
                "user,id=n0,hostfwd=tcp::2222-:22",
                "memory-backend-ram,id=r1,size=64M",
                "memory-backend-file,id=r1,size=64M,mem-path=/tmp/r,discard-data=on"
            })
    void what_two_qemus_cannot_both_have_is_refused_by_name(String argument) {
        assertThatThrownBy(() -> ExtraArguments.check(List.of("-x", argument)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining(argument);
    }
}
