package dev.neurath.cli.command;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.google.protobuf.ByteString;
import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.proto.v1.Release;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A release as its file says it; JSON is YAML. Whether the files are there with these hashes is the agents' to check. */
record ReleaseManifest(
        @Nullable String id,
        @Nullable String version,
        @Nullable List<@Nullable String> argvPrefix,
        @Nullable Map<String, @Nullable String> environment,
        @Nullable List<@Nullable Entry> files,
        @Nullable String signature) {
    record Entry(@Nullable String path, @Nullable String sha256) {}

    private static final ObjectMapper YAML = new ObjectMapper(
                    new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    static Release parse(String name, String text) {
        ReleaseManifest manifest;
        try {
            manifest = YAML.readValue(text, ReleaseManifest.class);
        } catch (JsonMappingException mistake) {
            throw invalid(name, mistake.getLocation(), mistake.getOriginalMessage());
        } catch (JsonProcessingException mistake) {
            throw invalid(name, mistake.getLocation(), mistake.getOriginalMessage());
        }
        if (manifest == null) {
            throw invalid(name, null, "it says nothing");
        }
        Release.Builder release = Release.newBuilder()
                .setId(required(name, "id", manifest.id))
                .setVersion(required(name, "version", manifest.version));
        List<@Nullable String> argv = required(name, "argvPrefix", manifest.argvPrefix);
        for (int i = 0; i < argv.size(); i++) {
            release.addArgvPrefix(required(name, "argvPrefix[" + i + "]", argv.get(i)));
        }
        if (manifest.environment != null) {
            manifest.environment.forEach((variable, value) ->
                    release.putEnvironment(variable, required(name, "environment." + variable, value)));
        }
        List<@Nullable Entry> files = required(name, "files", manifest.files);
        for (int i = 0; i < files.size(); i++) {
            String field = "files[" + i + "]";
            Entry entry = required(name, field, files.get(i));
            release.addFiles(Release.File.newBuilder()
                    .setPath(required(name, field + ".path", entry.path))
                    .setSha256(required(name, field + ".sha256", entry.sha256)));
        }
        if (manifest.signature != null) {
            try {
                release.setSignature(ByteString.copyFrom(Base64.getDecoder().decode(manifest.signature)));
            } catch (IllegalArgumentException mistake) {
                throw invalid(name, null, "field 'signature' is not base64");
            }
        }
        return release.build();
    }

    /**
     * A file that says the same, and by whom it is signed. It is written from what was read: a version like 11.10, taken for a number by a YAML tree, would
     * come out as another one.
     *
     * @param like the file as it was: JSON stays JSON
     */
    static String signed(Release release, String signature, String like) {
        ObjectNode manifest = YAML.createObjectNode();
        manifest.put("id", release.getId()).put("version", release.getVersion());
        ArrayNode argv = manifest.putArray("argvPrefix");
        release.getArgvPrefixList().forEach(argv::add);
        ObjectNode environment = manifest.putObject("environment");
        new TreeMap<>(release.getEnvironmentMap()).forEach(environment::put);
        ArrayNode files = manifest.putArray("files");
        release.getFilesList()
                .forEach(file -> files.addObject().put("path", file.getPath()).put("sha256", file.getSha256()));
        manifest.put("signature", signature);
        try {
            return like.stripLeading().startsWith("{")
                    ? manifest.toPrettyString() + "\n"
                    : YAML.writeValueAsString(manifest);
        } catch (JsonProcessingException mistake) {
            throw new IllegalStateException("strings in a tree can be written", mistake);
        }
    }

    private static <T> T required(String file, String field, @Nullable T value) {
        if (value == null) {
            throw CliFailure.of(
                    ExitCode.USAGE, file + ": field '" + field + "' is missing", "neurath release register --help");
        }
        return value;
    }

    private static CliFailure invalid(String file, @Nullable JsonLocation at, String message) {
        String place = at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr();
        return CliFailure.of(
                ExitCode.USAGE,
                file + place + ": " + message.lines().findFirst().orElse(message),
                "neurath release register --help");
    }
}
