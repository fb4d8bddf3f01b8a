package dev.neurath.persistence.embedded;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
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

    private static final String STATE = "--state";
    private static final String PORT = "--port";
    private static final List<String> VERBS = List.of("start", "stop", "status");
    private static final String USAGE = """
            Usage: neurath database start --state DIR [--port P]   prints its url and goes on running; P 0 = any free port
                   neurath database stop --state DIR
                   neurath database status --state DIR             prints its url; exit code 3 if it does not run
            A PostgreSQL of its own in DIR, for several nodes on one machine: neurath up --database URL""";

    private DatabaseServer() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** The url goes to {@code out}, alone on its line, so that a script can hand it on. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        List<String> words = List.of(arguments);
        if (words.contains("--help") || words.contains("-h")) {
            out.println(USAGE);
            return 0;
        }
        String verb = words.isEmpty() ? "" : words.getFirst();
        if (!VERBS.contains(verb)) {
            return wrongUse(err, verb.isEmpty() ? "A command is missing" : "Unknown command '" + verb + "'");
        }
        var options = new HashMap<String, String>();
        for (int i = 1; i < words.size(); i += 2) {
            String name = words.get(i);
            boolean known = name.equals(STATE) || (name.equals(PORT) && verb.equals("start"));
            if (!known) {
                return wrongUse(err, "'" + verb + "' has no option '" + name + "'");
            }
            if (i + 1 == words.size()) {
                return wrongUse(err, "The value of " + name + " is missing");
            }
            options.put(name, words.get(i + 1));
        }
        String state = options.get(STATE);
        if (state == null) {
            return wrongUse(err, STATE + " DIR is missing: where the database lies");
        }
        Path directory = Path.of(state);
        try {
            return switch (verb) {
                case "start" -> start(directory, options.getOrDefault(PORT, "0"), out, err);
                case "stop" -> stop(directory, err);
                default -> status(directory, out, err);
            };
        } catch (DatabaseStartException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private static int wrongUse(PrintStream err, String why) {
        err.println(why + ".");
        err.println(USAGE);
        return WRONG_USE;
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
}
