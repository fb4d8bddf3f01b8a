package dev.neurath.chaos.nodes;

import dev.neurath.chaos.handover.Releases;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmSpec;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.beat.BeatLog;
import dev.neurath.testbed.beat.BeatWatcher;
import dev.neurath.testbed.beat.ProcessLife;
import dev.neurath.testbed.beat.ProcessWatch;
import dev.neurath.testbed.guest.BeatGuest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Beating guests, seen from outside: by the lines that they print and by /proc. */
final class RealGuests implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);
    private static final long BEATS = 20;
    private static final long RAM = 32L << 20;

    private final Releases releases;
    private final Path ram;
    private final BeatWatcher beatWatcher = BeatWatcher.start();
    private final ProcessWatch processes = ProcessWatch.start(LOOK_EVERY);
    private final Map<String, BeatLog> beats = new LinkedHashMap<>();

    /** @param ram on tmpfs; the guests' RAM files and what they print lie in it */
    RealGuests(Releases releases, Path ram) throws IOException {
        this.releases = releases;
        this.ram = ram;
    }

    /** Watched from before its first process exists. */
    StartVmRequest start(String vm, String host) throws IOException {
        Path lines = ram.resolve(vm + "-beats");
        processes.follow(marker(vm));
        beats.put(vm, beatWatcher.watch(lines));
        return StartVmRequest.newBuilder()
                .setSpec(spec(vm, lines))
                .setHost(host)
                .build();
    }

    void requireBeats() {
        beats.forEach((vm, log) -> {
            if (!beatsOn(log)) {
                throw new IllegalStateException(vm + " does not beat");
            }
        });
    }

    /** Stands in the command line of every QEMU of this VM: its RAM file. */
    private String marker(String vm) {
        return ram + "/" + vm + ".";
    }

    private VmSpec spec(String vm, Path lines) throws IOException {
        return VmSpec.newBuilder()
                .setId(vm)
                .setRelease(releases.from().getId())
                .setMachine(releases.machine())
                .setCpu("qemu64")
                .setAccel("tcg")
                .setVcpus(1)
                .setMemoryBytes(RAM)
                .setBoot(VmSpec.Boot.getDefaultInstance())
                .addAllExtraArguments(BeatGuest.gentle().arguments(UserCache.ofUser(), lines))
                // The outside watcher tells the virtual CPUs' threads by their names.
                .addAllExtraArguments(List.of("-name", vm + ",debug-threads=on"))
                .setPauseBudget(com.google.protobuf.Duration.newBuilder().setSeconds(2))
                .build();
    }

    /**
     * What the guest says and what /proc shows.
     *
     * @param attempts to hand it over; each but the last may have come as far as a second process
     */
    List<String> troubles(Vm vm, long attempts) {
        String id = vm.getId();
        var found = new ArrayList<String>();
        BeatLog log = beats.get(id);
        if (log == null) {
            return List.of(id + " is nobody that was started here");
        }
        if (!beatsOn(log)) {
            found.add(id + " does not beat any more");
        }
        log.troubles().forEach(trouble -> found.add(id + ": " + trouble));
        List<ProcessLife> lives = processes.lives().stream()
                .filter(life -> life.label().equals(marker(id)))
                .toList();
        List<Long> alive = lives.stream()
                .filter(life -> !life.isDead())
                .map(ProcessLife::pid)
                .toList();
        if (lives.size() < 2 || lives.size() > 1 + attempts) {
            found.add(id + " had " + lives.size() + " processes in " + attempts
                    + " attempts, not an old one and a new one");
        }
        if (!alive.equals(List.of((long) vm.getProcess().getPid()))) {
            found.add(id + " is said to be process " + vm.getProcess().getPid() + ", alive are " + alive);
        }
        for (int i = 0; i < lives.size(); i++) {
            for (ProcessLife later : lives.subList(i + 1, lives.size())) {
                if (lives.get(i).ranTogetherWith(later)) {
                    found.add(id + " ran in processes " + lives.get(i).pid() + " and " + later.pid() + " at once");
                }
            }
        }
        return found;
    }

    private static boolean beatsOn(BeatLog log) {
        try {
            return log.awaitBeatsAfter(log.mark(), BEATS, Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        beatWatcher.close();
        processes.close();
    }
}
