package dev.neurath.cli.command;

import dev.neurath.cli.CliFailure;
import dev.neurath.codec.VmCodec;
import dev.neurath.intent.Intent;
import dev.neurath.intent.Parsed;
import dev.neurath.proto.v1.VmSpec;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Files that people write. Their mistakes are found before anything is sent, since only here the file's name is known; the coordinator
 * reads the text again and has the last word.
 */
final class IntentFiles {
    private IntentFiles() {}

    /** @return the text as it stands in the file, known to be a rollout */
    static String rollout(Path file) {
        String text = Verb.read(file);
        require(file, Intent.rollout(text));
        return text;
    }

    static VmSpec vm(Path file) {
        return VmCodec.encode(require(file, Intent.vm(Verb.read(file))));
    }

    private static <T> T require(Path file, Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Read<T> read -> read.value();
            case Parsed.Invalid<T> invalid ->
                throw CliFailure.badFile(
                        invalid.asOne().code(),
                        invalid.refusals().stream()
                                .map(refusal -> file + ": " + refusal.sentence())
                                .collect(Collectors.joining("\n  ")),
                        invalid.refusals().getFirst().wayOut());
        };
    }
}
