package dev.neurath.cli.command;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import java.util.List;

/** The one id that a human meant by its beginning; an exact id wins over longer ones that begin with it. */
final class Prefixes {
    private static final int NAMED = 8;

    private Prefixes() {}

    static String resolve(String noun, String wanted, List<String> ids, String listCommand) {
        if (ids.contains(wanted)) {
            return wanted;
        }
        List<String> meant =
                ids.stream().filter(id -> id.startsWith(wanted)).sorted().toList();
        if (meant.size() == 1) {
            return meant.getFirst();
        }
        if (meant.isEmpty()) {
            throw CliFailure.of(ExitCode.ERROR, "there is no " + noun + " " + wanted, listCommand);
        }
        String some = String.join(", ", meant.subList(0, Math.min(NAMED, meant.size())));
        throw CliFailure.of(
                ExitCode.USAGE,
                noun + " " + wanted + " is not unique: " + some + (meant.size() > NAMED ? ", …" : ""),
                "write more of its id");
    }
}
