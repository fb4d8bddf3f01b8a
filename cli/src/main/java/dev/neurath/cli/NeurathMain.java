package dev.neurath.cli;

import dev.neurath.cli.output.Console;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code neurath} command: one call, one answer, one exit code. */
public final class NeurathMain {
    private static final Logger LIBRARIES = Logger.getLogger("");

    private NeurathMain() {}

    public static void main(String[] arguments) {
        // What a library has to say is in the answer already, as a status.
        LIBRARIES.setLevel(Level.OFF);
        System.exit(run(Console.ofProcess(System.getenv()), arguments));
    }

    /** The same, within a program that has its own console. */
    public static int run(Console console, String... arguments) {
        try (Neurath root = new Neurath(console)) {
            return commandLine(root).execute(arguments);
        }
    }

    static CommandLine commandLine(Neurath root) {
        Console console = root.console();
        CommandLine line = new CommandLine(root)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(110)
                .setColorScheme(CommandLine.Help.defaultColorScheme(console.color() ? Ansi.ON : Ansi.OFF));
        line.setExecutionExceptionHandler((failure, command, result) -> explain(console, failure));
        line.setParameterExceptionHandler((failure, arguments) -> usage(console, failure));
        return line;
    }

    private static int explain(Console console, Exception failure) throws Exception {
        return switch (failure) {
            case CliFailure known -> {
                known.print(console.err());
                yield known.exitCode();
            }
            case StatusRuntimeException status -> {
                CliFailure known = CliFailure.from(status);
                known.print(console.err());
                yield known.exitCode();
            }
            default -> throw failure;
        };
    }

    private static int usage(Console console, ParameterException failure) {
        console.err().println("neurath: " + failure.getMessage());
        CommandLine command = failure.getCommandLine();
        if (!UnmatchedArgumentException.printSuggestions(failure, command.getErr())) {
            console.err().println("  See  " + command.getCommandSpec().qualifiedName() + " --help");
        }
        return ExitCode.USAGE;
    }
}
