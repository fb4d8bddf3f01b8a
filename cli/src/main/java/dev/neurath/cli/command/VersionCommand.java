package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Documents;
import dev.neurath.codec.BuildVersion;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "The version of this command.")
public final class VersionCommand extends Verb implements Callable<Integer> {
    @Override
    public Integer call() {
        String version = BuildVersion.text();
        if (printer().format().isDocument()) {
            printer()
                    .document(Documents.headed("Version")
                            .put("version", version)
                            .put("java", Runtime.version().toString()));
        } else {
            console().out().println("neurath " + version);
        }
        return ExitCode.OK;
    }
}
