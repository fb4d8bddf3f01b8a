package dev.neurath.agent.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neurath.agent.release.ReleaseFailure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseVerifierTest {
    private static final String HASH_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path directory;

    private Path binary;
    private ReleaseManifest release;
    private final ReleaseVerifier verifier = new ReleaseVerifier();

    @BeforeEach
    void install() throws IOException {
        binary = Files.writeString(directory.resolve("qemu"), "abc");
        Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwxr-xr-x"));
        release = new ReleaseManifest(
                "r1",
                "1.0",
                List.of(binary.toString()),
                Map.of("QEMU_MODULE_DIR", "/x"),
                List.of(new ReleaseManifest.File(binary.toString(), HASH_OF_ABC)));
    }

    @Test
    void a_manifest_is_read_back_as_it_was_written() throws IOException {
        Path file = Files.writeString(directory.resolve("manifest.json"), release.toJson());
        assertThat(ReleaseManifest.read(file)).isEqualTo(release);
    }

    @Test
    void a_manifest_with_unknown_or_missing_parts_is_refused() throws IOException {
        for (String text : List.of(
                "{}",
                "[]",
                "nonsense",
                release.toJson().replace("\"version\"", "\"versoin\""),
                release.toJson().replace(HASH_OF_ABC, "abc"))) {
            Path file = Files.writeString(directory.resolve("manifest.json"), text);
            ReleaseFailure failure = catchThrowableOfType(ReleaseFailure.class, () -> ReleaseManifest.read(file));
            assertThat(failure.reason()).isEqualTo(Reason.UNREADABLE);
        }
    }

    @Test
    void unchanged_files_are_hashed_once() throws IOException {
        verifier.verify(release);
        verifier.verify(release);
        assertThat(verifier.hashedBytes()).isEqualTo(3);
    }

    @Test
    void an_edit_that_keeps_size_and_modification_time_is_noticed() throws IOException {
        verifier.verify(release);
        FileTime before = Files.getLastModifiedTime(binary);
        Files.writeString(binary, "abd");
        Files.setLastModifiedTime(binary, before);
        assertThat(failure().reason()).isEqualTo(Reason.WRONG_HASH);
        assertThat(failure().file()).isEqualTo(binary);
    }

    @Test
    void missing_and_not_executable_are_told_apart() throws IOException {
        Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(failure().reason()).isEqualTo(Reason.NOT_EXECUTABLE);
        Files.delete(binary);
        assertThat(failure().reason()).isEqualTo(Reason.MISSING);
    }

    private ReleaseFailure failure() {
        return catchThrowableOfType(ReleaseFailure.class, () -> verifier.verify(release));
    }
}
