package dev.neurath.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.identity.Credentials;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.identity.Role;
import dev.neurath.model.FleetId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which releases a fleet executes. */
class ReleaseTrustTest {
    private static final String HASH = "a".repeat(64);
    private static final Release RELEASE =
            release("q-1", "1.0", List.of("/q/ld", "/q/bin"), Map.of("A", "b"), "/q/ld", HASH);

    @TempDir
    private Path directory;

    private CertificateAuthority ca;
    private ReleaseTrust trust;

    @BeforeEach
    void found() throws Exception {
        ca = CertificateAuthority.init(directory.resolve("ca"), new FleetId("eu-1"), Instant.now());
        Path out = directory.resolve("h1");
        ca.issue(Role.AGENT, "h1", List.of(), Duration.ofDays(1), out, Instant.now());
        Credentials agent = Credentials.read(out);
        trust = ReleaseTrust.of(() -> agent);
    }

    private static Release release(
            String id, String version, List<String> argv, Map<String, String> environment, String path, String hash) {
        return Release.of(new ReleaseId(id), version, argv, environment, List.of(new ReleaseFile(path, hash)));
    }

    private Optional<String> code(Release release) {
        return trust.refusal(release).map(Refusal::code);
    }

    @Test
    void what_the_fleets_release_key_signed_is_executed() throws Exception {
        assertThat(code(ca.sign(RELEASE))).isEmpty();
    }

    @Test
    void what_nobody_signed_is_not() {
        assertThat(code(RELEASE)).contains("RELEASE_UNSIGNED");
    }

    static Stream<Release> tampered() {
        return Stream.of(
                release("q-2", "1.0", List.of("/q/ld", "/q/bin"), Map.of("A", "b"), "/q/ld", HASH),
                release("q-1", "1.1", List.of("/q/ld", "/q/bin"), Map.of("A", "b"), "/q/ld", HASH),
                release("q-1", "1.0", List.of("/q/ld", "/tmp/bin"), Map.of("A", "b"), "/q/ld", HASH),
                release("q-1", "1.0", List.of("/q/ld/q/bin"), Map.of("A", "b"), "/q/ld", HASH),
                release("q-1", "1.0", List.of("/q/ld", "/q/bin"), Map.of("LD_PRELOAD", "b"), "/q/ld", HASH),
                release("q-1", "1.0", List.of("/q/ld", "/q/bin"), Map.of("A", "b"), "/q/le", HASH),
                release("q-1", "1.0", List.of("/q/ld", "/q/bin"), Map.of("A", "b"), "/q/ld", "b".repeat(64)));
    }

    @ParameterizedTest
    @MethodSource("tampered")
    void what_was_changed_after_it_was_signed_is_not(Release tampered) throws Exception {
        assertThat(code(tampered.signed(ca.sign(RELEASE).signature()))).contains("RELEASE_SIGNATURE_WRONG");
    }

    @Test
    void what_another_fleets_key_signed_is_not() throws Exception {
        var other = CertificateAuthority.init(directory.resolve("other"), new FleetId("us-1"), Instant.now());
        assertThat(code(other.sign(RELEASE))).contains("RELEASE_SIGNATURE_WRONG");
        assertThat(code(RELEASE.signed("no base64 at all"))).contains("RELEASE_SIGNATURE_WRONG");
        assertThat(code(RELEASE.signed("AAAA"))).contains("RELEASE_SIGNATURE_WRONG");
    }

    @Test
    void a_key_that_is_none_is_named() throws Exception {
        Path file = Files.writeString(directory.resolve("k"), "nothing");
        assertThatThrownBy(() -> ReleaseKey.read(file))
                .isInstanceOf(CaFailure.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> ReleaseKey.read(directory.resolve("nowhere"))).hasMessageContaining("nowhere");
    }
}
