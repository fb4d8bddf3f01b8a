package dev.neurath.model.release;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * What a release key signs: all that decides what is executed, every value with its length before it, in a fixed order, so that two releases have the same
 * bytes only if they execute the same.
 *
 * <p>Facts stay out: they are found out later, by asking the signed files themselves.
 */
public final class ReleaseBytes {
    private final StringBuilder out = new StringBuilder("neurath/release/1\n");

    private ReleaseBytes() {}

    public static byte[] of(Release release) {
        var bytes = new ReleaseBytes();
        bytes.value(release.id().value());
        bytes.value(release.version());
        bytes.count(release.argvPrefix().size());
        release.argvPrefix().forEach(bytes::value);
        bytes.count(release.environment().size());
        release.environment().forEach((name, value) -> {
            bytes.value(name);
            bytes.value(value);
        });
        bytes.count(release.files().size());
        release.files().stream()
                .sorted(Comparator.comparing(ReleaseFile::path).thenComparing(ReleaseFile::sha256))
                .forEach(file -> {
                    bytes.value(file.path());
                    bytes.value(file.sha256());
                });
        return bytes.out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void count(int number) {
        out.append(number).append('\n');
    }

    private void value(String text) {
        out.append(text.length()).append(':').append(text).append('\n');
    }
}
