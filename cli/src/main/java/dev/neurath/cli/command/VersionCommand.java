package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Documents;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "The version of this command.")
public final class VersionCommand extends Verb implements Callable<Integer> {
    @Override
    public Integer call() {
        String version = version();
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

    private static String version() {
        Properties properties = new Properties();
        try (InputStream file = VersionCommand.class.getResourceAsStream("/dev/neurath/cli/version.properties")) {
            properties.load(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return properties.getProperty("version");
    }
}
