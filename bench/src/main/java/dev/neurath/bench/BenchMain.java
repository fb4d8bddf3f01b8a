package dev.neurath.bench;

import dev.neurath.bench.feed.FeedBench;
import dev.neurath.bench.handover.HandOverBench;
import dev.neurath.bench.journal.JournalBench;
import dev.neurath.bench.rollout.RolloutBench;
import dev.neurath.testbed.OnTermination;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code neurath bench}: each benchmark measures ours and its baseline in one run. Data goes to stdout, talk to stderr. */
@Command(
        name = "neurath bench",
        description = "Measures ours and its baseline in one run, and says under which conditions.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "NAME",
        subcommands = {HandOverBench.class, JournalBench.class, FeedBench.class, RolloutBench.class},
        footer = {"", "Exit codes: 0 measured (good or bad), 1 error, 2 usage."})
public final class BenchMain {
    private BenchMain() {}

    public static void main(String[] arguments) {
        System.setProperty("logback.configurationFile", "dev/neurath/bench/logback-bench.xml");
        System.exit(OnTermination.cleanUp(() -> commandLine().execute(arguments)));
    }

    public static CommandLine commandLine() {
        CommandLine line =
                new CommandLine(new BenchMain()).setUsageHelpWidth(110).setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, result) -> {
            if (failure instanceof InterruptedException
                    || Thread.currentThread().isInterrupted()) {
                command.getErr().println("neurath bench: ended before its time; what it had started is gone");
                return OnTermination.EXIT_CODE;
            }
            command.getErr().println("neurath bench: " + failure.getMessage());
            failure.printStackTrace(command.getErr());
            return CommandLine.ExitCode.SOFTWARE;
        });
        return line;
    }
}
