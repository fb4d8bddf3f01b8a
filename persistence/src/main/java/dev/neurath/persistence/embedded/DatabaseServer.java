package dev.neurath.persistence.embedded;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A database server for several nodes on one machine, started and stopped by hand: {@code start | stop | status}.
 *
 * <p>The server goes on running when the command ends. Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 not running.
 */
public final class DatabaseServer {
    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;
    private static final int NOT_RUNNING = 3;

    private DatabaseServer() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** The url goes to {@code out}, alone on its line, so that a script can hand it on. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        String verb = arguments.length == 0 ? "" : arguments[0];
        Optional<String> state = option(arguments, "--state");
        if (state.isEmpty()) {
            err.println("usage: start --state DIR [--port P] | stop --state DIR | status --state DIR");
            return WRONG_USE;
        }
        Path directory = Path.of(state.get());
        try {
            return switch (verb) {
                case "start" -> start(directory, option(arguments, "--port").orElse("0"), out, err);
                case "stop" -> stop(directory, err);
                case "status" -> status(directory, out, err);
                default -> {
                    err.println("Unknown command '" + verb + "': start, stop or status");
                    yield WRONG_USE;
                }
            };
        } catch (DatabaseStartException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private static int start(Path directory, String portText, PrintStream out, PrintStream err) {
        int port;
        try {
            port = Integer.parseInt(portText);
        } catch (NumberFormatException e) {
            port = -1;
        }
        if (port < 0 || port > 65535) {
            err.println("--port " + portText + " is not a port: give 1 to 65535, or 0 for any free one");
            return WRONG_USE;
        }
        EmbeddedDatabase database = EmbeddedDatabase.start(directory, port);
        out.println(database.jdbcUrl());
        database.leaveRunning();
        return 0;
    }

    private static int stop(Path directory, PrintStream err) {
        if (EmbeddedDatabase.stop(directory)) {
            return 0;
        }
        err.println("No database server runs in " + directory);
        return NOT_RUNNING;
    }

    private static int status(Path directory, PrintStream out, PrintStream err) {
        Optional<EmbeddedDatabase.Server> running = EmbeddedDatabase.running(directory);
        if (running.isEmpty()) {
            err.println("No database server runs in " + directory);
            return NOT_RUNNING;
        }
        out.println(running.get().jdbcUrl());
        return 0;
    }

    private static Optional<String> option(String[] arguments, String name) {
        for (int i = 1; i + 1 < arguments.length; i++) {
            if (arguments[i].equals(name)) {
                return Optional.of(arguments[i + 1]);
            }
        }
        return Optional.empty();
    }
}
