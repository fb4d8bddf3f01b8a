package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        description = "Completion for bash and zsh, as a script on stdout.",
        footer = "%nExample: source <(neurath completion)")
public final class CompletionCommand extends Verb implements Callable<Integer> {
    @Override
    public Integer call() {
        console().out().print(AutoComplete.bash("neurath", spec().root().commandLine()));
        return ExitCode.OK;
    }
}
