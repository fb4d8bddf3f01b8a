package dev.neurath.model.release;

import dev.neurath.model.ReleaseId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What may be executed: files with hashes and how they are started. What a release holds never changes under its id; what is known of it may grow.
 *
 * @param version what the binary says of itself
 * @param argvPrefix the command that starts it: loader with its options, then the binary
 * @param signature base64, of a release key under {@link ReleaseBytes}; empty = nobody signed it
 * @param facts what the binary can do; null = nobody asked it yet
 */
public record Release(
        ReleaseId id,
        String version,
        List<String> argvPrefix,
        SortedMap<String, String> environment,
        List<ReleaseFile> files,
        String signature,
        @Nullable ReleaseFacts facts) {
    public Release {
        argvPrefix = List.copyOf(argvPrefix);
        environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
        files = List.copyOf(files);
    }

    public static Release of(
            ReleaseId id,
            String version,
            List<String> argvPrefix,
            Map<String, String> environment,
            List<ReleaseFile> files) {
        return new Release(id, version, argvPrefix, new TreeMap<>(environment), files, "", null);
    }

    public Release withFacts(@Nullable ReleaseFacts known) {
        return new Release(id, version, argvPrefix, environment, files, signature, known);
    }

    public Release signed(String by) {
        return new Release(id, version, argvPrefix, environment, files, by, facts);
    }

    boolean holdsTheSameAs(Release other) {
        return withFacts(null).signed("").equals(other.withFacts(null).signed(""));
    }
}
