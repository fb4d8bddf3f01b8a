package dev.neurath.model.vm;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A VM as its owner describes it (`vm.yaml`). RAM always lies in a private file on tmpfs or hugetlbfs that both QEMUs of a hand-over map.
 *
 * @param release what it is started with
 * @param machine QEMU machine type, for example {@code pc-q35-7.2}; must be a versioned one, since an alias means another machine in another QEMU
 * @param cpu QEMU CPU model, for example {@code qemu64}
 * @param vcpus number of vCPUs, at least 1
 * @param memoryBytes RAM; a multiple of 2 MiB
 * @param boot kernel or firmware
 * @param extraArguments passed to QEMU as they are, after everything else
 * @param pauseBudget the longest pause that the owner accepts
 * @param health how to tell from outside that the guest lives; empty = UNKNOWN after a hand-over
 */
public record VmSpec(
        VmId id,
        ReleaseId release,
        String machine,
        String cpu,
        String accel,
        int vcpus,
        long memoryBytes,
        List<Disk> disks,
        List<Nic> nics,
        Boot boot,
        List<String> extraArguments,
        Map<String, String> labels,
        Duration pauseBudget,
        List<HealthProbe> health) {
    public VmSpec {
        disks = List.copyOf(disks);
        nics = List.copyOf(nics);
        extraArguments = List.copyOf(extraArguments);
        labels = Map.copyOf(labels);
        health = List.copyOf(health);
    }

    /** @param format {@code raw} or {@code qcow2} */
    public record Disk(String id, String path, String format, boolean readOnly) {}

    /** A virtio NIC on a tap device that exists already, or on QEMU's user network when {@code tap} is absent. */
    public record Nic(String id, String mac, @Nullable String tap) {}

    /** @param kernel with {@code initrd} and {@code append}: direct kernel boot; absent: firmware (SeaBIOS unless {@code firmware} names a file) */
    public record Boot(
            @Nullable String kernel,
            @Nullable String initrd,
            @Nullable String append,
            @Nullable String firmware) {}

    /** How to see from outside that a guest is alive. */
    public sealed interface HealthProbe {
        /** Lines that the guest writes to a character device whose output QEMU appends to {@code file} (absolute, on the VM's host). */
        record Beat(String file) implements HealthProbe {}
    }
}
