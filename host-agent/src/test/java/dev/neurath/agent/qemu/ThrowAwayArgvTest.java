package dev.neurath.agent.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThrowAwayArgvTest {
    @TempDir
    Path place;

    @Test
    void devices_stay_and_whatever_reaches_the_vm_does_not() throws IOException {
        Path raw = Files.write(place.resolve("raw"), new byte[1536]);
        List<String> made = of(
                "-device",
                "virtio-blk-pci,id=d,drive=x",
                "-blockdev",
                "{\"driver\":\"file\",\"node-name\":\"x-file\",\"filename\":\"" + raw + "\"}",
                "-blockdev",
                "driver=raw,node-name=x,file=x-file,read-only=on",
                "-chardev",
                "file,id=beat,path=/somewhere",
                "-device",
                "isa-debugcon,chardev=beat",
                "-netdev",
                "tap,id=n0,fd=3",
                "-netdev",
                "user,id=n1,hostfwd=tcp::22-:22",
                "-qmp",
                "unix:/door,server=on",
                "-pidfile",
                "/pid",
                "--daemonize",
                "-serial",
                "unix:/serial",
                "-serial",
                "chardev:beat");
        assertThat(made).contains("virtio-blk-pci,id=d,drive=x", "isa-debugcon,chardev=beat");
        assertThat(made).contains("null,id=beat", "hubport,hubid=0,id=n0", "user,id=n1,restrict=on");
        assertThat(made)
                .anySatisfy(value -> assertThat(value)
                        .contains("null-co", "\"node-name\":\"x\"", "\"size\":1536", "\"read-only\":true"));
        assertThat(String.join(" ", made))
                .doesNotContain("/somewhere", "/door", "/pid", "/serial", "hostfwd", "daemonize", raw.toString());
        assertThat(made.subList(made.indexOf("-serial"), made.indexOf("-serial") + 2))
                .containsExactly("-serial", "null");
        assertThat(made.subList(made.lastIndexOf("-serial"), made.lastIndexOf("-serial") + 2))
                .as("named, and silent already")
                .containsExactly("-serial", "chardev:beat");
    }

    @Test
    void memory_is_ours_and_never_filled_beforehand() throws IOException {
        List<String> made = of(
                "-object", "memory-backend-file,id=ram0,size=64M,share=on,mem-path=/live,prealloc=on",
                "-object", "iothread,id=io");
        assertThat(made).contains("iothread,id=io");
        assertThat(String.join(" ", made))
                .contains("\"size\":67108864", "\"share\":false", "\"mem-path\":\"/ours\"")
                .doesNotContain("/live", "prealloc");
    }

    @Test
    void a_qcow2_image_says_itself_how_large_its_disk_is() throws IOException {
        ByteBuffer header =
                ByteBuffer.allocate(104).putInt(0, 0x514649fb).putInt(4, 3).putLong(24, 10L << 30);
        Path image = Files.write(place.resolve("image"), header.array());
        assertThat(of("-drive", "file=" + image + ",format=qcow2,if=virtio,cache=none,id=d"))
                .contains("driver=null-co,size=10737418240,read-zeroes=on,if=virtio,id=d");
    }

    @Test
    void what_cannot_be_rebuilt_is_named() {
        for (String[] argument : new String[][] {
            {"-device", "vfio-pci,host=01:00.0"}, {"-cdrom", "x.iso"}, {"-netdev", "vhost-user,id=n,chardev=c"}
        }) {
            assertThatThrownBy(() -> of(argument))
                    .isInstanceOf(ThrowAwayArgv.NotPossible.class)
                    .hasMessageContaining(
                            argument[1].split(",")[0].equals("x.iso")
                                    ? "-cdrom"
                                    : argument[1].split(",")[0]);
        }
    }

    @Test
    void nothing_whose_reach_is_not_known_is_started() throws IOException {
        for (String[] argument : new String[][] {
            {"-drive", "if=virtio,driver=qcow2,file.driver=nbd,file.host=a,file.export=b"},
            {"-drive", "driver=host_device,filename=/dev/sdb,if=virtio"},
            {"-object", "filter-dump,id=f,netdev=n0,file=/dump"},
            {"-device", "usb-host,vendorid=1"},
            {"-device", "{\"driver\":\"vhost-vsock-pci\",\"guest-cid\":3}"},
            {"-netdump", "x"},
            {"-plugin", "/lib/x.so"}
        }) {
            assertThatThrownBy(() -> of(argument)).isInstanceOf(ThrowAwayArgv.NotPossible.class);
        }
        assertThat(of("-drive", "if=none,id=cd,media=cdrom")).contains("if=none,id=cd,media=cdrom");
        assertThat(of("-audiodev", "wav,id=a,path=/recording")).contains("none,id=a");
        assertThat(of("-overcommit", "mem-lock=on")).doesNotContain("-overcommit");
    }

    @Test
    void a_tap_of_its_own_stands_in_for_a_guests_where_a_hub_lacks_its_header_mode() throws IOException {
        var standIns = new ThrowAwayArgv.StandIns() {
            @Override
            public Path memory(ThrowAwayArgv.Backend backend) {
                assertThat(backend).isEqualTo(new ThrowAwayArgv.Backend("m", "/live", "4096", 1 << 20));
                return Path.of("/other");
            }

            @Override
            public boolean shared() {
                return false;
            }

            @Override
            public boolean taps() {
                return true;
            }
        };
        List<String> made = ThrowAwayArgv.of(
                List.of(
                        "qemu",
                        "-netdev",
                        "tap,id=a,fd=3,vhost=off",
                        "-netdev",
                        "tap,id=b,ifname=t,queues=2",
                        "-netdev",
                        "socket,id=c,listen=:1",
                        "-object",
                        "memory-backend-file,id=m,size=1M,mem-path=/live,offset=4096,share=on"),
                1,
                standIns,
                Path.of("/run/control"));
        assertThat(made)
                .contains(
                        "tap,id=a,ifname=neurath%d,script=no,downscript=no",
                        "hubport,hubid=0,id=b", "hubport,hubid=1,id=c");
        assertThat(String.join(" ", made)).contains("\"mem-path\":\"/other\"");
    }

    private static List<String> of(String... arguments) throws IOException {
        var argv = new ArrayList<>(List.of("loader", "-not-an-option", "qemu"));
        argv.addAll(List.of(arguments));
        List<String> made =
                ThrowAwayArgv.of(argv, 3, new ThrowAwayArgv.Memory(Path.of("/ours"), false), Path.of("/run/control,1"));
        assertThat(made.subList(0, 3)).isEqualTo(argv.subList(0, 3));
        assertThat(made).contains("socket,id=neurath-throw-away,path=/run/control,,1,server=on,wait=off");
        return made;
    }
}
