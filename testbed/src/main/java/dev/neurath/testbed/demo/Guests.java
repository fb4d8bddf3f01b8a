package dev.neurath.testbed.demo;

import com.google.protobuf.Duration;
import dev.neurath.proto.v1.VmSpec;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.demo.RunDirectories.Run;
import dev.neurath.testbed.guest.BeatGuest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The guests of a demo: so many that beat, and a last one whose hand-over is made to fail. */
final class Guests {
    /**
     * One guest and where it is to run.
     *
     * @param builtIn it numbers its beats without a gap; what others boot may leave out what it missed
     */
    record Guest(String id, String host, boolean deliberateFailure, boolean builtIn, VmSpec spec, Path beats) {}

    /** Of the whole machine, for all guests together; the rest is for QEMU, the agents and the coordinator. */
    private static final double SHARE = 0.1;
    /** Measured: a guest at 1000 Hz costs 9 % of a core under emulation. */
    private static final double CORES_PER_HERTZ = 0.09 / 1000;

    private static final int SLOWEST = 50;
    private static final int FASTEST = 1000;
    private static final long RAM_OF_THE_FAILURE = 256L << 20;

    private Guests() {}

    static BeatGuest beat(int guests, int cores, long ramBytes) {
        int hertz = (int) (cores * SHARE / guests / CORES_PER_HERTZ);
        int workingSetMiB = Math.clamp((ramBytes >> 20) / 4, 4, 64);
        return new BeatGuest(Math.clamp(hertz, SLOWEST, FASTEST), 32, workingSetMiB, 32);
    }

    static List<Guest> of(DemoOptions options, Run run, String release, MachineTypes.Type machine, BeatGuest beat)
            throws IOException {
        Path kernel = options.guest() == null ? BeatGuest.kernel(UserCache.ofUser()) : options.guest();
        List<Guest> guests = new ArrayList<>();
        for (int i = 0; i < options.vms() + 1; i++) {
            boolean fails = i == options.vms();
            String id = fails ? "guest-fails" : String.format("guest-%02d", i + 1);
            long ram = fails ? Math.min(options.ramBytes(), RAM_OF_THE_FAILURE) : options.ramBytes();
            Path beats = run.beats(id);
            VmSpec spec = VmSpec.newBuilder()
                    .setId(id)
                    .setRelease(release)
                    .setMachine(machine.toString())
                    .setCpu("qemu64")
                    .setAccel(options.accel())
                    .setVcpus(1)
                    .setMemoryBytes(ram)
                    .setBoot(VmSpec.Boot.newBuilder()
                            .setKernel(kernel.toString())
                            .setAppend(beat.append()))
                    .addAllExtraArguments(List.of(
                            "-chardev",
                            "file,id=beat,append=on,path=" + beats,
                            "-device",
                            "isa-debugcon,iobase=0x" + Integer.toHexString(BeatGuest.DEBUG_PORT) + ",chardev=beat"))
                    .putLabels("demo", run.id())
                    .putLabels("deliberateFailure", String.valueOf(fails))
                    .setPauseBudget(Duration.newBuilder().setSeconds(2))
                    .addHealth(VmSpec.HealthProbe.newBuilder()
                            .setBeat(VmSpec.HealthProbe.Beat.newBuilder().setFile(beats.toString())))
                    .build();
            // The failing one shares the last host: the canary, on the first, is to go well.
            String host = host(fails ? options.hosts() - 1 : i % options.hosts());
            guests.add(new Guest(id, host, fails, options.guest() == null, spec, beats));
        }
        return guests;
    }

    static String host(int index) {
        return "host-" + (index + 1);
    }
}
