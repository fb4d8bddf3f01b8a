package dev.neurath.chaos;

import dev.neurath.testbed.OnTermination;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code neurath chaos}: breaks a hand-over or a rollout where you say, and shows what became of the guests. Data goes to stdout, talk to stderr. */
@Command(
        name = "neurath chaos",
        description =
                "Strikes, or comes in between, in the middle of a hand-over or a rollout of real guests, and shows what becomes of them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {HandOverCommand.class, InterfereCommand.class, NodesCommand.class, ListCommand.class},
        footer = {"", "Exit codes: 0 what became of every guest may be, 1 it may not, or an error, 2 usage."})
public final class ChaosMain {
    /** Written as they are typed. */
    enum Format {
        table,
        json
    }

    private ChaosMain() {}

    public static void main(String[] arguments) {
        System.setProperty("logback.configurationFile", "dev/neurath/chaos/logback-chaos.xml");
        System.exit(OnTermination.cleanUp(() -> commandLine().execute(arguments)));
    }

    static CommandLine commandLine() {
        CommandLine line =
                new CommandLine(new ChaosMain()).setUsageHelpWidth(110).setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, result) -> {
            if (failure instanceof InterruptedException
                    || Thread.currentThread().isInterrupted()) {
                command.getErr().println("neurath chaos: ended before its time; what it had started is gone");
                return OnTermination.EXIT_CODE;
            }
            command.getErr().println("neurath chaos: " + failure.getMessage());
            failure.printStackTrace(command.getErr());
            return CommandLine.ExitCode.SOFTWARE;
        });
        return line;
    }
}
