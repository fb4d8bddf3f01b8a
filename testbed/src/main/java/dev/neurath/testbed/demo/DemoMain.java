package dev.neurath.testbed.demo;

import dev.neurath.cli.output.Console;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.agent.FailureMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of {@code neurath demo}. Data goes to stdout, talk to stderr; exit code 0 only if everything ended as announced. */
@Command(
        name = "neurath demo",
        description =
                "A small fleet on this machine, with real QEMU, upgraded before your eyes. One guest is made to fail, and goes on as it was.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class DemoMain implements Callable<Integer> {
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,6})([MG])(iB|B)?");
    private static final long SMALLEST = 32L << 20;
    private static final int MOST = 64;
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    enum Format {
        table,
        json
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--hosts", paramLabel = "N", defaultValue = "2", description = "Host agents (${DEFAULT-VALUE}).")
    private int hosts = 2;

    @Option(
            names = "--vms",
            paramLabel = "N",
            defaultValue = "4",
            description = "Beating guests, beside the one that fails (${DEFAULT-VALUE}).")
    private int vms = 4;

    @Option(
            names = "--ram",
            paramLabel = "SIZE",
            defaultValue = "128M",
            description = "Of each guest, for example 512M, 4G (${DEFAULT-VALUE}).")
    private String ram = "128M";

    @Option(
            names = "--from",
            paramLabel = "V",
            description = "QEMU to start with: a version, a prefix of one, or a suite. Default: " + QemuPair.USUAL_FROM
                    + " or the nearest there is.")
    private @Nullable String from;

    @Option(
            names = "--to",
            paramLabel = "V",
            description = "QEMU to end with. Default: " + QemuPair.USUAL_TO + " or the nearest there is.")
    private @Nullable String to;

    @Option(names = "--guest", paramLabel = "FILE", description = "Boot this ELF in place of the built-in guest.")
    private @Nullable Path guest;

    @Option(
            names = "--fail",
            paramLabel = "MODE",
            defaultValue = "refuse",
            description = "How the one fails: hang, die, refuse, staged-die (${DEFAULT-VALUE}).")
    private String fail = "refuse";

    @Option(
            names = "--accel",
            paramLabel = "ACCEL",
            defaultValue = "tcg",
            description = "tcg or kvm (${DEFAULT-VALUE}).")
    private String accel = "tcg";

    @Option(names = "--keep", description = "Leave everything running, to look around.")
    private boolean keep;

    @Option(names = "--clean", description = "End whatever earlier demos left, kept ones too, and do nothing else.")
    private boolean clean;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, or json: one document on stdout.")
    private Format output = Format.table;

    public static void main(String[] arguments) {
        System.setProperty("logback.configurationFile", "dev/neurath/testbed/demo/logback-demo.xml");
        CommandLine line =
                new CommandLine(new DemoMain()).setUsageHelpWidth(110).setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, result) -> {
            command.getErr().println("neurath demo: " + failure.getMessage());
            if (!(failure instanceof DemoFailure)) {
                failure.printStackTrace(command.getErr());
            }
            return CommandLine.ExitCode.SOFTWARE;
        });
        System.exit(line.execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Console process = Console.ofProcess(System.getenv());
        boolean json = output == Format.json;
        // With -o json the only thing on stdout is the document; whoever watches sees the rest on stderr.
        Console shown = json
                ? new Console(process.err(), process.err(), false, process.errIsTerminal(), false, process.zone())
                : process;
        RunDirectories runs = RunDirectories.of(UserCache.ofUser());
        LeftOvers leftOvers = new LeftOvers(runs, line -> process.err().println("neurath demo: " + line));
        if (clean) {
            leftOvers.endAll();
            return CommandLine.ExitCode.OK;
        }
        DemoOptions options = options();
        leftOvers.endAbandoned();
        DemoReport report = new Demo(options, runs, leftOvers, shown).run();
        if (json) {
            process.out().println(report.json().toPrettyString());
        } else {
            report.lines().forEach(line -> process.out().println(line.render(Integer.MAX_VALUE, process.color())));
        }
        return report.asAnnounced() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static boolean isElf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(ELF.length), ELF);
        }
    }

    private DemoOptions options() throws IOException {
        within("--hosts", hosts, MOST);
        within("--vms", vms, MOST);
        if (guest != null && !Files.isRegularFile(guest)) {
            throw usage("--guest: there is no file " + guest);
        }
        if (guest != null && !isElf(guest)) {
            throw usage(
                    "--guest: " + guest
                            + " is no ELF file. It takes one that QEMU boots as a kernel, and that beats as the built-in guest does");
        }
        FailureMode mode;
        try {
            mode = FailureMode.parse(fail);
        } catch (IllegalArgumentException unknown) {
            throw usage("--fail is hang, die, refuse or staged-die, not " + fail);
        }
        return new DemoOptions(
                hosts, vms, bytes(ram), from, to, guest == null ? null : guest.toRealPath(), mode, accel, keep);
    }

    private void within(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw usage(option + " is 1 to " + most + ", not " + value);
        }
    }

    private long bytes(String text) {
        Matcher size = SIZE.matcher(text);
        long bytes =
                size.matches() ? Long.parseLong(size.group(1)) << (size.group(2).equals("G") ? 30 : 20) : 0;
        if (bytes < SMALLEST || bytes % (2L << 20) != 0) {
            throw usage("--ram is a size like 128M or 4G, at least 32M and even, not " + text);
        }
        return bytes;
    }

    private ParameterException usage(String sentence) {
        return new ParameterException(java.util.Objects.requireNonNull(spec).commandLine(), sentence);
    }
}
