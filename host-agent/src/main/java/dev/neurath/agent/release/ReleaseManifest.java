package dev.neurath.agent.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neurath.agent.release.ReleaseFailure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One QEMU as it is installed on this host: how it is called, and every file that it consists of.
 *
 * @param version what the binary itself says; told to people and compared for equality, never ordered
 * @param argvPrefix loader, library path, binary and data directories, as far as they are needed
 * @param environment all of it: nothing is inherited
 */
public record ReleaseManifest(
        String id, String version, List<String> argvPrefix, Map<String, String> environment, List<File> files) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /**
     * A file with its hash.
     *
     * @param sha256 64 lower-case hexadecimal digits
     */
    public record File(String path, String sha256) {
        public File {
            if (!Path.of(path).isAbsolute()) {
                throw new IllegalArgumentException("a release names its files by absolute paths: " + path);
            }
            if (!sha256.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("not a SHA-256: " + sha256);
            }
        }
    }

    public ReleaseManifest {
        argvPrefix = List.copyOf(argvPrefix);
        environment = Map.copyOf(new TreeMap<>(environment));
        files = List.copyOf(files);
        if (argvPrefix.isEmpty()) {
            throw new IllegalArgumentException("release " + id + " says nothing about how to call it");
        }
    }

    public static ReleaseManifest read(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ReleaseFailure(Reason.MISSING, file, "there is no release manifest " + file);
        }
        try {
            return JSON.readValue(bytes, ReleaseManifest.class);
        } catch (JsonProcessingException e) {
            throw new ReleaseFailure(
                    Reason.UNREADABLE, file, "the release manifest " + file + " is invalid: " + e.getOriginalMessage());
        }
    }

    public String toJson() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a manifest is always JSON", e);
        }
    }
}
