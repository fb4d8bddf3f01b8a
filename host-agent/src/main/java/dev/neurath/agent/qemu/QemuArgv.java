package dev.neurath.agent.qemu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.vm.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Command lines for a VM that we start: the first one, and the incoming side of a hand-over.
 *
 * <p>Both come out of one method, so that the new QEMU builds the same machine as the old one; only sockets have other paths
 * and the incoming side stands still (-S). Devices keep their order, for it decides their PCI addresses.
 */
public final class QemuArgv {
    /** The object id and QOM path of the guest's RAM. */
    public static final String RAM_ID = "ram0";
    /** The first descriptor that is passed to QEMU; tap devices follow in the order of the NICs that have one. */
    public static final int FIRST_PASSED_FD = 3;

    /** Of the agent's own monitor's character device. */
    public static final String CONTROL_ID = "neurath-qmp";

    private static final JsonMapper JSON = new JsonMapper();

    private final ReleaseManifest release;
    private final QemuAbilities abilities;
    private final VmSpec vm;
    private final Path ram;

    public QemuArgv(ReleaseManifest release, QemuAbilities abilities, VmSpec vm, Path ram) {
        this.release = release;
        this.abilities = abilities;
        this.vm = vm;
        this.ram = ram;
    }

    /** How the new QEMU receives the guest. */
    public sealed interface Incoming {
        /** Over a channel that opens at the start and carries the descriptors of the RAM; the guest's own channel comes later. */
        record CprTransfer(Path cprSocket) implements Incoming {}

        /** By an ordinary migration that skips the shared RAM file. */
        record SharedRam() implements Incoming {}
    }

    /** Runs at once. */
    public List<String> firstStart(Path qmpSocket) {
        return machine(qmpSocket);
    }

    /** Waits, and does not run when it is loaded. */
    public List<String> incoming(Path qmpSocket, Incoming by) {
        List<String> argv = machine(qmpSocket);
        argv.addAll(receiving(by));
        return argv;
    }

    /** What makes any QEMU wait for a guest, and not run it when it is there. */
    public static List<String> receiving(Incoming by) {
        var argv = new ArrayList<>(List.of("-S", "-incoming", "defer"));
        if (by instanceof Incoming.CprTransfer cpr) {
            argv.add("-incoming");
            argv.add(cprChannel(cpr.cprSocket()));
        }
        return argv;
    }

    /** Where the new side of a cpr-transfer listens for memory and descriptors, as an address on its command line. */
    public static String cprChannel(Path socket) {
        return json(Map.of(
                "channel-type",
                "cpr",
                "addr",
                Map.of("transport", "socket", "type", "unix", "path", socket.toString())));
    }

    /** The agent's own monitor. */
    public static List<String> control(Path qmpSocket) {
        return List.of(
                "-chardev",
                "socket,id=" + CONTROL_ID + ",path=" + escaped(qmpSocket.toString()) + ",server=on,wait=off",
                "-mon",
                "chardev=" + CONTROL_ID + ",mode=control");
    }

    /** The tap devices whose descriptors the QEMU expects as 3, 4, … */
    public List<String> taps() {
        List<String> taps = new ArrayList<>();
        for (VmSpec.Nic nic : vm.nics()) {
            if (nic.tap() != null) {
                taps.add(nic.tap());
            }
        }
        return taps;
    }

    private List<String> machine(Path qmpSocket) {
        List<String> argv = new ArrayList<>(release.argvPrefix());
        argv.addAll(List.of("-name", escaped(vm.id().value())));
        argv.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none"));
        argv.addAll(List.of("-accel", vm.accel(), "-cpu", vm.cpu(), "-smp", Integer.toString(vm.vcpus())));
        argv.addAll(List.of("-m", vm.memoryBytes() + "B"));
        argv.addAll(List.of("-object", json(ramObject())));
        String auxiliary = abilities.auxRamShare() ? ",aux-ram-share=on" : "";
        argv.addAll(List.of("-machine", vm.machine() + ",memory-backend=" + RAM_ID + auxiliary));
        argv.addAll(control(qmpSocket));
        addBoot(argv);
        vm.disks().forEach(disk -> addDisk(argv, disk));
        int fd = FIRST_PASSED_FD;
        for (VmSpec.Nic nic : vm.nics()) {
            fd = addNic(argv, nic, fd);
        }
        argv.addAll(vm.extraArguments());
        return argv;
    }

    private Map<String, Object> ramObject() {
        Map<String, Object> ramObject = new LinkedHashMap<>();
        ramObject.put("qom-type", "memory-backend-file");
        ramObject.put("id", RAM_ID);
        ramObject.put("size", vm.memoryBytes());
        ramObject.put("share", true);
        ramObject.put("mem-path", ram.toString());
        return ramObject;
    }

    private void addBoot(List<String> argv) {
        VmSpec.Boot boot = vm.boot();
        if (boot.kernel() != null) {
            argv.addAll(List.of("-kernel", boot.kernel()));
        }
        if (boot.initrd() != null) {
            argv.addAll(List.of("-initrd", boot.initrd()));
        }
        if (boot.append() != null) {
            argv.addAll(List.of("-append", boot.append()));
        }
        if (boot.firmware() != null) {
            argv.addAll(List.of("-bios", boot.firmware()));
        }
    }

    private static void addDisk(List<String> argv, VmSpec.Disk disk) {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("driver", "file");
        file.put("node-name", disk.id() + "-file");
        file.put("filename", disk.path());
        file.put("read-only", disk.readOnly());
        Map<String, Object> format = new LinkedHashMap<>();
        format.put("driver", disk.format());
        format.put("node-name", disk.id());
        format.put("file", disk.id() + "-file");
        format.put("read-only", disk.readOnly());
        argv.addAll(List.of("-blockdev", json(file), "-blockdev", json(format)));
        argv.addAll(List.of("-device", "virtio-blk-pci,id=disk-" + disk.id() + ",drive=" + disk.id()));
    }

    private static int addNic(List<String> argv, VmSpec.Nic nic, int fd) {
        int next = nic.tap() == null ? fd : fd + 1;
        String backend = nic.tap() == null ? "user,id=" + nic.id() : "tap,id=" + nic.id() + ",fd=" + fd;
        argv.addAll(List.of("-netdev", backend));
        argv.addAll(
                List.of("-device", "virtio-net-pci,id=nic-" + nic.id() + ",netdev=" + nic.id() + ",mac=" + nic.mac()));
        return next;
    }

    /** In QEMU's option syntax a comma within a value is doubled. */
    static String escaped(String value) {
        return value.replace(",", ",,");
    }

    private static String json(Map<String, ?> value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of strings are always JSON", e);
        }
    }
}
