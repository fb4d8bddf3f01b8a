package dev.neurath.cli.command;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.Neurath;
import dev.neurath.cli.link.Api;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.Printer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What every command needs of the root: connection, console, format; and how files that a human wrote are read. */
@Command
abstract class Verb {
    @Spec
    private @Nullable CommandSpec spec;

    CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec;
    }

    private Neurath root() {
        return (Neurath) spec().root().userObject();
    }

    Api api() {
        return root().api();
    }

    Console console() {
        return root().console();
    }

    Printer printer() {
        return root().printer();
    }

    /** {@code -} is stdin. */
    static String read(Path file) {
        return new String(readBytes(file), StandardCharsets.UTF_8);
    }

    static byte[] readBytes(Path file) {
        try {
            return file.toString().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(file);
        } catch (NoSuchFileException missing) {
            throw CliFailure.of(ExitCode.USAGE, "there is no file " + file, "");
        } catch (IOException unreadable) {
            throw CliFailure.of(ExitCode.USAGE, "cannot read " + file + ": " + unreadable.getMessage(), "");
        }
    }
}
