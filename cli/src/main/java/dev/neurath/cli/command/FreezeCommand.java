package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.FreezeRequest;
import dev.neurath.proto.v1.FreezeState;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "freeze", description = "Fleet-wide: nothing new starts until neurath thaw; attempts in flight finish.")
public final class FreezeCommand extends Verb implements Callable<Integer> {
    @Option(names = "--reason", required = true, description = "Why; everyone who is held up by it reads this.")
    private String reason = "";

    @Override
    public Integer call() {
        FreezeState state = api().rollouts(rollouts ->
                rollouts.freeze(FreezeRequest.newBuilder().setReason(reason).build()));
        printer().one("FreezeState", state, () -> lines(state, console()));
        console().suggest("Next:  neurath thaw");
        return ExitCode.OK;
    }

    static List<StyledLine> lines(FreezeState state, Console console) {
        if (!state.getFrozen()) {
            return List.of(StyledLine.of("Not frozen."));
        }
        String since = Words.dateAndClock(state.getSince(), console.zone());
        return List.of(StyledLine.of("Frozen since " + since + " by " + state.getBy() + ": " + state.getReason()));
    }
}
