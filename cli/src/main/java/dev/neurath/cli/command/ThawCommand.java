package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.proto.v1.FreezeState;
import dev.neurath.proto.v1.ThawRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "thaw", description = "End a freeze.")
public final class ThawCommand extends Verb implements Callable<Integer> {
    @Override
    public Integer call() {
        FreezeState state = api().rollouts(rollouts -> rollouts.thaw(ThawRequest.getDefaultInstance()));
        printer().one("FreezeState", state, () -> FreezeCommand.lines(state, console()));
        return ExitCode.OK;
    }
}
