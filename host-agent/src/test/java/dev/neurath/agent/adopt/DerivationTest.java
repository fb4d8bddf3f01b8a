package dev.neurath.agent.adopt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.agent.adopt.Derived.Carried;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The derivation table, row by row: what a running QEMU was started with, and what another one beside it is. */
class DerivationTest {
    private static final Frame FRAME = new Frame(
            Path.of("/vms/web"),
            Set.of(Path.of("/vms/web/own-bios.bin"))::contains,
            "pc-q35-10.0",
            "",
            true,
            true,
            host -> host.equals("0000:03:00.0"));

    private static final Derived.Binding BINDING = new Derived.Binding() {
        @Override
        public String bound(String publicPath) {
            return publicPath + ".9";
        }

        @Override
        public int fd(int index) {
            return 3 + index;
        }
    };

    private static List<String> words(String text) {
        return Arrays.asList(text.strip().split("\\s+"));
    }

    private static Derived derive(Frame frame, List<String> arguments) throws NotAdoptable {
        var argv = new ArrayList<>(List.of("qemu-system-x86_64", "-M", "q35"));
        argv.addAll(arguments);
        return Derivation.derive(QemuCommandLine.parse(argv), frame);
    }

    private static String derived(Frame frame, String arguments) throws NotAdoptable {
        List<String> words = derive(frame, arguments.isBlank() ? List.of() : words(arguments))
                .bind(BINDING);
        assertThat(words.subList(0, 2)).containsExactly("-machine", "pc-q35-10.0");
        return String.join(" ", words.subList(2, words.size()));
    }

    static Stream<List<String>> rows() {
        return Stream.of("""
                -enable-kvm -smp 4,maxcpus=8 -m 4G -no-user-config     | -enable-kvm -smp 4,maxcpus=8 -m 4G -no-user-config
                --nodefaults                                           | -nodefaults
                -sandbox on,spawn=deny -run-with async-teardown=on     | -sandbox on,spawn=deny -run-with async-teardown=on
                -S -daemonize -incoming tcp:0:1 -loadvm s -mem-prealloc|
                -d int -D qemu.log -trace x -L /usr/share/qemu         |
                -machine memory-backend=ram,aux-ram-share=on           | -machine memory-backend=ram,aux-ram-share=on
                -kernel bzImage -initrd ../initrd                      | -kernel /vms/web/bzImage -initrd /vms/initrd
                -bios own-bios.bin                                     | -bios /vms/web/own-bios.bin
                -bios bios-256k.bin                                    | -bios bios-256k.bin
                disk.img                                               | /vms/web/disk.img
                -cdrom install.iso                                     | -cdrom /vms/web/install.iso
                -drive file=disk.img,if=virtio,format=raw              | -drive file=/vms/web/disk.img,if=virtio,format=raw
                -drive file=nbd://h/x,if=virtio                        | -drive file=nbd://h/x,if=virtio
                -blockdev driver=qcow2,node-name=d,file.driver=file,file.filename=a.q | -blockdev driver=qcow2,node-name=d,file.driver=file,file.filename=/vms/web/a.q
                -blockdev {"driver":"raw","node-name":"d","file":{"driver":"file","filename":"a"}} | -blockdev {"driver":"raw","node-name":"d","file":{"driver":"file","filename":"/vms/web/a"}}
                -blockdev driver=raw,node-name=d,file=below            | -blockdev driver=raw,node-name=d,file=below
                -pidfile vm.pid                                        | -pidfile /vms/web/vm.pid.9
                -qmp unix:vm.qmp,server=on,wait=off                    | -qmp unix:/vms/web/vm.qmp.9,server=on,wait=off
                -qmp unix:vm.qmp,server,nowait                         | -qmp unix:/vms/web/vm.qmp.9,server,wait=off
                -qmp unix:vm.qmp,server                                | -qmp unix:/vms/web/vm.qmp.9,server,wait=off
                -monitor unix:/run/hmp,server=on,wait=off              | -monitor unix:/run/hmp.9,server=on,wait=off
                -chardev socket,id=m,path=m.qmp,server=on -mon chardev=m,mode=control | -chardev socket,id=m,path=/vms/web/m.qmp.9,server=on,wait=off -mon chardev=m,mode=control
                -serial file:serial.log                                | -chardev file,id=serial0,path=/vms/web/serial.log,append=on -serial chardev:serial0
                -serial none -serial file:x                            | -serial none -chardev file,id=serial1,path=/vms/web/x,append=on -serial chardev:serial1
                -serial stdio                                          | -serial stdio
                -chardev file,id=c,path=log                            | -chardev file,id=c,path=/vms/web/log,append=on
                -chardev null,id=c,logfile=l                           | -chardev null,id=c,logfile=/vms/web/l,logappend=on
                -vnc unix:vnc.sock                                     | -vnc unix:/vms/web/vnc.sock.9
                -vnc none -display none                                | -vnc none -display none
                -display vnc=unix:/v,share=ignore                      | -display vnc=unix:/v.9,share=ignore
                -netdev user,id=n                                      | -netdev user,id=n
                -netdev tap,id=n,ifname=tap0,script=no,downscript=no   | -netdev tap,id=n,fd=3
                -netdev tap,id=a,fd=20 -netdev tap,id=b,fd=21          | -netdev tap,id=a,fd=3 -netdev tap,id=b,fd=4
                -netdev {"type":"tap","id":"n","ifname":"tap0"}        | -netdev {"type":"tap","id":"n","fd":"3"}
                -nic tap,ifname=tap0,script=no,model=e1000             | -nic tap,model=e1000,fd=3
                -netdev bridge,id=n,br=br0                             | -netdev tap,id=n,fd=3
                -nic none                                              | -nic none
                -device virtio-net-pci,netdev=n,mac=52:54:00:00:00:01  | -device virtio-net-pci,netdev=n,mac=52:54:00:00:00:01
                -device e1000,romfile=roms/x.rom                       | -device e1000,romfile=/vms/web/roms/x.rom
                -device e1000,romfile=                                 | -device e1000,romfile=
                -object memory-backend-file,id=ram,size=1G,share=on,mem-path=ram,prealloc=on | -object memory-backend-file,id=ram,size=1G,share=on,mem-path=/vms/web/ram
                -object iothread,id=io                                 | -object iothread,id=io
                -object rng-random,id=r,filename=/dev/urandom          | -object rng-random,id=r,filename=/dev/urandom
                -fw_cfg name=opt/x,file=blob                           | -fw_cfg name=opt/x,file=/vms/web/blob
                -smbios type=1,serial=7                                | -smbios type=1,serial=7
                """.strip().split("\n")).map(row -> List.of(row.split("\\|", 2)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void each_row_becomes_what_it_says(List<String> row) throws Exception {
        assertThat(derived(FRAME, row.getFirst())).isEqualTo(row.getLast().strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-snapshot                                       | DISK_NOT_REOPENABLE",
                "-drive file=a,snapshot=on                       | DISK_NOT_REOPENABLE",
                "-drive file=/dev/fdset/2                        | FD_NOT_TRANSFERABLE",
                "-add-fd fd=7,set=2                              | FD_NOT_TRANSFERABLE",
                "-chardev socket,id=c,fd=7                       | FD_NOT_TRANSFERABLE",
                "-netdev tap,id=n,fds=7:8                        | FD_NOT_TRANSFERABLE",
                "-netdev tap,id=n,fd=by-name                     | FD_NOT_TRANSFERABLE",
                "-netdev tap,id=n,ifname=t,queues=4              | FD_NOT_TRANSFERABLE",
                "-netdev tap,id=n,ifname=t,vhost=on              | DEVICE_CLASS",
                "-netdev vhost-user,id=n,chardev=c               | DEVICE_CLASS",
                "-netdev user,id=n,hostfwd=tcp::2222-:22         | BACKEND_EXCLUSIVE",
                "-nic user,hostfwd=tcp::2222-:22                 | BACKEND_EXCLUSIVE",
                "-netdev socket,id=n,listen=:1234                | BACKEND_EXCLUSIVE",
                "-netdev stream,id=n,addr.type=unix,addr.path=/x | BACKEND_EXCLUSIVE",
                "-qmp tcp:127.0.0.1:4444,server=on               | BACKEND_EXCLUSIVE",
                "-serial pty                                     | BACKEND_EXCLUSIVE",
                "-serial telnet::4445,server=on                  | BACKEND_EXCLUSIVE",
                "-serial unix:/x                                 | BACKEND_EXCLUSIVE",
                "-chardev pty,id=c                               | BACKEND_EXCLUSIVE",
                "-chardev socket,id=c,path=/x                    | BACKEND_EXCLUSIVE",
                "-chardev socket,id=c,host=h,port=1,server=on    | BACKEND_EXCLUSIVE",
                "-chardev socket,id=c,path=x,server=on,abstract=on | BACKEND_EXCLUSIVE",
                "-vnc :1                                         | BACKEND_EXCLUSIVE",
                "-vnc unix:/v,websocket=on                       | BACKEND_EXCLUSIVE",
                "-spice port=5930                                | BACKEND_EXCLUSIVE",
                "-display gtk                                    | BACKEND_EXCLUSIVE",
                "-s                                              | BACKEND_EXCLUSIVE",
                "-gdb tcp::1234                                  | BACKEND_EXCLUSIVE",
                "-device vhost-vsock-pci,guest-cid=3             | BACKEND_EXCLUSIVE",
                "-device vfio-pci,host=04:00.0                   | NO_FUNCTION_LEVEL_RESET",
                "-device vfio-pci,host=0000:03:00.0              | DEVICE_CLASS",
                "-device vhost-user-fs-pci,chardev=c             | DEVICE_CLASS",
                "-device virtio-mem-pci,memdev=m                 | DEVICE_CLASS",
                "-device nvdimm,memdev=m                         | DEVICE_CLASS",
                "-device ivshmem-plain,memdev=m                  | DEVICE_CLASS",
                "-object memory-backend-epc,id=e                 | DEVICE_CLASS",
                "-object memory-backend-file,id=m,discard-data=on,mem-path=x | DISCARD_DATA",
                "-virtfs local,path=/x,mount_tag=t               | DEVICE_CLASS",
                "-chroot /jail                                   | SURROUNDINGS",
                "-readconfig vm.cfg                              | ARGUMENT_UNKNOWN",
                "-brand-new thing                                | ARGUMENT_UNKNOWN",
            })
    void what_cannot_stand_beside_another_is_refused_by_its_code(String arguments, String code) {
        assertThatThrownBy(() -> derived(FRAME, arguments))
                .isInstanceOf(NotAdoptable.class)
                .extracting(refused -> ((NotAdoptable) refused).code())
                .isEqualTo(code);
    }

    @Test
    void a_machine_that_was_not_named_is_the_one_that_runs() throws Exception {
        Derived derived = Derivation.derive(QemuCommandLine.parse(List.of("qemu-system-x86_64", "-m", "1G")), FRAME);
        assertThat(derived.bind(BINDING)).containsExactly("-m", "1G", "-machine", "pc-q35-10.0");
    }

    @Test
    void a_processor_is_pinned_to_what_the_running_one_resolved_it_to() throws Exception {
        Frame pinned = new Frame(
                FRAME.directory(), FRAME.exists(), FRAME.machine(), "base,sse2=on", true, true, FRAME.resets());
        assertThat(derived(pinned, "-cpu max")).isEqualTo("-cpu base,sse2=on");
        assertThat(derived(FRAME, "-cpu max")).isEqualTo("-cpu max");
    }

    @Test
    void of_run_with_only_what_is_known_to_hold_for_another_process_is_kept() throws Exception {
        assertThat(derived(FRAME, "-run-with async-teardown=on,user=qemu")).isEqualTo("-run-with async-teardown=on");
        for (String drops : List.of("-runas qemu", "-run-with user=107:107")) {
            assertThat(derived(FRAME, drops))
                    .as("it begins as whom the first has become: " + drops)
                    .isEmpty();
        }
        assertThatThrownBy(() -> derived(FRAME, "-run-with exit-with-parent=on"))
                .hasMessageContaining("started it");
        assertThatThrownBy(() -> derived(FRAME, "-run-with tomorrow=on")).hasMessageContaining("tomorrow");
    }

    @Test
    void who_types_into_its_standard_input_keeps_it() {
        Frame typed = new Frame(FRAME.directory(), FRAME.exists(), FRAME.machine(), "", false, true, FRAME.resets());
        assertThatThrownBy(() -> derived(typed, "-nographic")).hasMessageContaining("standard input");
        Frame journal = new Frame(FRAME.directory(), FRAME.exists(), FRAME.machine(), "", true, false, FRAME.resets());
        assertThatThrownBy(() -> derived(journal, "-serial stdio")).hasMessageContaining("is a socket");
        assertThatThrownBy(() -> derived(typed, "-monitor stdio")).hasMessageContaining("standard input");
    }

    @Test
    void what_others_know_by_name_and_what_is_carried_is_told_in_the_order_of_the_command_line() throws Exception {
        Derived derived = derive(
                FRAME,
                words(
                        "-pidfile p -netdev tap,id=a,fd=20 -qmp unix:q,server=on -netdev tap,id=b,ifname=tap7 -vnc unix:/v"
                                + " -serial stdio"));
        assertThat(derived.publicPaths()).containsExactly("/vms/web/p", "/vms/web/q", "/v");
        assertThat(derived.carried()).containsExactly(new Carried.Inherited(20), new Carried.Tap("tap7"));
        assertThat(derived.ownOutput()).isTrue();
    }

    @Test
    void an_empty_word_and_doubled_commas_are_kept() throws Exception {
        Derived derived = derive(FRAME, List.of("-append", "", "-drive", "file=/a,,b,if=none"));
        assertThat(derived.bind(BINDING)).endsWith("-append", "", "-drive", "file=/a,,b,if=none");
    }

    @Test
    void the_program_stands_behind_a_loader_that_was_called_explicitly() throws Exception {
        var commandLine = QemuCommandLine.parse(words(
                "/r/lib/ld-linux-x86-64.so.2 --library-path /r/lib:/r/usr/lib /r/usr/bin/qemu-system-x86_64 -m 1G"));
        assertThat(commandLine.binary()).isEqualTo("/r/usr/bin/qemu-system-x86_64");
        assertThat(commandLine.options()).containsExactly(new QemuCommandLine.Option("m", true, "1G"));
    }
}
