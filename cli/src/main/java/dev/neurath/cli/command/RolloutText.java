package dev.neurath.cli.command;

import java.nio.file.Path;

/** A rollout file's text, with its mistakes found here already, where the file's name is known. */
final class RolloutText {
    private RolloutText() {}

    static String read(Path file) {
        return Verb.read(file);
    }
}
