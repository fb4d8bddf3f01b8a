package dev.neurath.agent;

import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.log.HostLock;
import dev.neurath.agent.vm.Agent;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code neurath agent}: one host's agent, until it is told to end. Ending it ends no guest. */
public final class AgentMain {
    private static final String LOG_CONFIGURATION = "logback.configurationFile";

    private AgentMain() {}

    public static void main(String[] args) {
        System.exit(run(List.of(args), HoldPoints.NONE));
    }

    public static int run(List<String> arguments, HoldPoints holds) {
        return run(arguments, System.getenv(), holds, System.out, System.err);
    }

    /** @return exit code: 0 told to end or asked for help, 1 could not start, 2 usage */
    static int run(
            List<String> arguments,
            Map<String, String> environment,
            HoldPoints holds,
            PrintStream out,
            PrintStream err) {
        if (System.getProperty(LOG_CONFIGURATION) == null) {
            System.setProperty(LOG_CONFIGURATION, "dev/neurath/agent/logback-agent.xml");
        }
        CommandLine line = AgentCommand.line(environment)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((failure, given) -> usage(failure, err));
        line.setExecutionStrategy(parsed -> {
            Integer asked = CommandLine.executeHelpRequest(parsed);
            AgentCommand command = line.getCommand();
            return asked != null ? asked : run(command.options(), holds, out, err);
        });
        return line.execute(arguments.toArray(String[]::new));
    }

    private static int usage(ParameterException failure, PrintStream err) {
        err.println("neurath agent: " + failure.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(
                failure, failure.getCommandLine().getErr())) {
            err.println("  See  neurath agent --help");
        }
        return CommandLine.ExitCode.USAGE;
    }

    private static int run(AgentOptions options, HoldPoints holds, PrintStream out, PrintStream err) {
        try {
            Agent agent = Agent.start(options, holds);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(agent), "told-to-end"));
            out.println("ready: host " + options.host());
            new CountDownLatch(1).await();
            return 0;
        } catch (HostLock.Held e) {
            err.println("neurath agent: " + e.getMessage()
                    + "; end that one, or start this one with another --host, --state and --run");
            return 1;
        } catch (IOException e) {
            err.println("neurath agent: could not start: " + said(e));
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** Of a failed file operation Java's message is the path alone. */
    private static String said(IOException failure) {
        return switch (failure) {
            case NoSuchFileException e -> e.getFile() + ": no such file or directory, and it cannot be made";
            case AccessDeniedException e -> e.getFile() + ": permission denied; the agent runs as root";
            default -> String.valueOf(failure.getMessage());
        };
    }

    private static void close(Agent agent) {
        try {
            agent.close();
        } catch (IOException e) {
            System.err.println(
                    "neurath agent: did not end cleanly, which the next start puts right: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
