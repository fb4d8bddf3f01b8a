package dev.neurath.chaos.handover;

import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.guest.BeatGuest;
import dev.neurath.testbed.guest.LinuxGuest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which guest a cell is tried with. */
public enum CrashGuest {
    /** Beats 100 times a second, dirties its memory and checks all of it. */
    BEATING(32) {
        @Override
        List<String> arguments(Path place, VmId vm, Path lines) throws IOException {
            return BeatGuest.gentle().arguments(UserCache.ofUser(), lines);
        }
    },
    /** Sums up a file on its virtio disk and one in memory, over and over. */
    LINUX(LinuxGuest.MEMORY_MIB) {
        @Override
        List<String> arguments(Path place, VmId vm, Path lines) throws IOException, InterruptedException {
            Path disk = place.resolve(vm + ".disk");
            LinuxGuest.createDisk(disk);
            return LinuxGuest.fetch(UserCache.ofUser(), line -> {}).arguments(disk, lines);
        }
    };

    /** Of this JVM alone: a host id is locked machine-wide. */
    static final HostId HOST = new HostId("chaos-" + ProcessHandle.current().pid());

    private final int mebibytes;

    CrashGuest(int mebibytes) {
        this.mebibytes = mebibytes;
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    abstract List<String> arguments(Path place, VmId vm, Path lines) throws IOException, InterruptedException;

    VmSpec spec(Path place, VmId vm, String release, String machine, Path lines)
            throws IOException, InterruptedException {
        return spec(place, vm, release, machine, lines, List.of());
    }

    VmSpec spec(Path place, VmId vm, String release, String machine, Path lines, List<VmSpec.Disk> disks)
            throws IOException, InterruptedException {
        var arguments = new ArrayList<>(arguments(place, vm, lines));
        // The outside watcher tells the virtual CPUs' threads by their names.
        arguments.addAll(List.of("-name", vm + ",debug-threads=on"));
        return new VmSpec(
                vm,
                new ReleaseId(release),
                machine,
                "qemu64",
                "tcg",
                1,
                (long) mebibytes << 20,
                disks,
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                arguments,
                Map.of(),
                Duration.ofMillis(200),
                List.of());
    }
}
