package dev.neurath.bench.handover;

import dev.neurath.bench.BenchOptions;
import dev.neurath.bench.Conditions;
import dev.neurath.bench.Report;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code neurath bench hand-over}: the agent against a bare QMP client, in pairs, and against live migration; and what a Linux guest shows of it. */
@Command(
        name = "hand-over",
        description =
                "The agent's hand-over of a beating guest, in turns with a bare QMP client's, and live migration; and of a"
                        + " Linux guest that is pinged meanwhile.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class HandOverBench implements Callable<Integer> {
    /** The JVM is warm after the first size; the machine is not, for another. */
    private static final int LESS_WARM_UP = 5;

    /** The guest uses no more. */
    private static final long MOST_BYTES = 8L << 30;

    private static final long LEAST_BYTES = 16L << 20;

    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Option(names = "--pairs", paramLabel = "N", defaultValue = "40", description = "Per size (${DEFAULT-VALUE}).")
    private int pairs = 40;

    @Option(
            names = "--live",
            paramLabel = "N",
            defaultValue = "5",
            description = "Live migrations per size and of the Linux guest; 0 leaves them out (${DEFAULT-VALUE}).")
    private int live = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "15",
            description = "Pairs before those that count; after the first size a fifth of them (${DEFAULT-VALUE}).")
    private int warmUp = 15;

    @Option(
            names = "--ram",
            paramLabel = "SIZES",
            split = ",",
            defaultValue = "256M,4G",
            description = "Of the guest; /dev/shm needs twice the largest (${DEFAULT-VALUE}).")
    private List<String> rams = List.of("256M", "4G");

    @Option(
            names = "--working-set",
            paramLabel = "SIZE",
            description = "Of the guest, written round and round at 256 MB/s (a quarter of its RAM).")
    private @Nullable String workingSet;

    @Option(
            names = "--linux",
            paramLabel = "N",
            defaultValue = "8",
            description = "Hand-overs of a Linux guest under pings; 0 leaves them out (${DEFAULT-VALUE}).")
    private int linux = 8;

    @Option(
            names = "--from",
            paramLabel = "V",
            defaultValue = "10.0.2",
            description = "QEMU to start with: a version, a prefix of one, or a suite (${DEFAULT-VALUE}).")
    private String from = "10.0.2";

    @Option(
            names = "--to",
            paramLabel = "V",
            defaultValue = "11.1.3",
            description = "QEMU to end with (${DEFAULT-VALUE}).")
    private String to = "11.1.3";

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (pairs < 1 || live < 0 || warmUp < 0 || linux < 0) {
            throw options.usage("--pairs is at least 1, --live, --warm-up and --linux at least 0");
        }
        Map<String, Long> sizes = sizes();
        Long written = workingSet == null ? null : size("--working-set", workingSet);
        if (written != null && sizes.values().stream().anyMatch(ram -> ram <= written)) {
            throw options.usage("--working-set " + workingSet
                    + " is to be less than each size of --ram: a guest keeps some of it for itself");
        }
        var report = new Report("hand-over", Conditions.now());
        Releases releases = releases();
        report.condition(
                        "qemu",
                        releases.from().getVersion() + " to " + releases.to().getVersion())
                .condition("machine", releases.machine())
                .condition("accel", "tcg")
                .condition("method", "cpr-transfer")
                .condition(
                        "guest",
                        "1 vCPU, 1 kHz beats, 256 MB/s dirtied over "
                                + (workingSet == null ? "a quarter of its memory" : workingSet))
                .condition("warmUpPairs", warmUp)
                .condition("warmUpPairsOfFurtherSizes", warmUp / LESS_WARM_UP);
        try (var run = new HandOverRun(releases, options::tell)) {
            int warm = warmUp;
            for (Map.Entry<String, Long> size : sizes.entrySet()) {
                var table = new HandOverTable(size.getKey());
                long ram = size.getValue();
                run.measure(table, HandOverRun.Guest.of(ram, written), pairs, live, warm);
                table.into(report);
                warm = warmUp / LESS_WARM_UP;
            }
            if (linux > 0) {
                var table = new LinuxTable();
                run.measureLinux(table, linux, live);
                table.into(report);
            }
        }
        report.condition("loadAfter", Conditions.load());
        report.note(
                "Pauses are from STOP of old to RESUME of new by QEMU's own stamps; the agent reads the same ones.");
        report.note(
                "The agent asks the kernel for short turns of the two threads that end a pause; the bare client is as a script is.");
        report.note(
                "Total: until the guest runs in new and old may be discarded, as Clark et al. (NSDI 2005) count it. Old gone: until the kernel has"
                        + " taken its mappings down too, and the agent has written that down and told of it; the parts add up to that.");
        report.note(
                "Extra memory: what new maps for itself; extra CPU: both QEMUs and this JVM, less what guest and watchers spend"
                        + " anyway. QEMU's is counted in ticks of 10 ms.");
        options.print(report);
        return 0;
    }

    private Releases releases() throws IOException, InterruptedException {
        try {
            return Releases.fetch(from, to, options::tell);
        } catch (IllegalArgumentException | UnresolvedRequestException unresolved) {
            throw options.usage(String.valueOf(unresolved.getMessage()));
        }
    }

    private Map<String, Long> sizes() {
        var sizes = new LinkedHashMap<String, Long>();
        for (String ram : rams) {
            long bytes = size("--ram", ram);
            if (bytes > MOST_BYTES || bytes < LEAST_BYTES) {
                throw options.usage("--ram takes sizes from 16M to 8G, which the guest uses all of, and not " + ram);
            }
            sizes.put(ram, bytes);
        }
        return sizes;
    }

    /** In bytes. */
    private long size(String option, String text) {
        if (!text.matches("[1-9][0-9]{0,5}[MG]")) {
            throw options.usage(option + " takes sizes such as 256M or 4G, not " + text);
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return number << (text.endsWith("G") ? 30 : 20);
    }
}
