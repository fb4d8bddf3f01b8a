package dev.neurath.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.identity.Credentials;
import dev.neurath.identity.CredentialsDirectory;
import dev.neurath.identity.Pem;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.identity.Role;
import dev.neurath.model.FleetId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

    /** By an agent that has the CA's {@code release.pem} as it is now. */
    private Optional<String> codeNow(Release release) throws Exception {
        Path out = directory.resolve("now");
        ca.issue(Role.AGENT, "now", List.of(), Duration.ofDays(1), out, Instant.now());
        Credentials agent = Credentials.read(out);
        return ReleaseTrust.of(() -> agent).refusal(release).map(Refusal::code);
    }

    @Test
    void while_its_key_is_replaced_old_and_new_signatures_count_and_afterwards_the_new_ones_only() throws Exception {
        Release before = ca.sign(RELEASE);
        ca.rotateReleaseKey();
        Release after = ca.sign(RELEASE);
        assertThat(after.signature()).isNotEqualTo(before.signature());
        assertThat(codeNow(before)).isEmpty();
        assertThat(codeNow(after)).isEmpty();
        // Which is why release.pem goes everywhere before anything is signed by the new key.
        assertThat(code(before)).isEmpty();
        assertThat(code(after)).contains("RELEASE_SIGNATURE_WRONG");

        Path old = directory.resolve("ca/release-old.key");
        assertThat(ReleaseKey.read(old).sign(RELEASE)).isEqualTo(before);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(old)))
                .isEqualTo("rw-------");

        ca.dropOldReleaseKey();
        assertThat(codeNow(before)).contains("RELEASE_SIGNATURE_WRONG");
        assertThat(codeNow(after)).isEmpty();
        assertThat(ca.sign(RELEASE)).isEqualTo(after);
        assertThat(old).doesNotExist();
    }

    @Test
    void the_steps_of_a_rotation_come_in_their_order() throws Exception {
        assertThatThrownBy(ca::dropOldReleaseKey).isInstanceOf(CaFailure.class).hasMessageContaining("only one");
        Release before = ca.sign(RELEASE);
        ca.rotateReleaseKey();
        assertThatThrownBy(ca::rotateReleaseKey).isInstanceOf(CaFailure.class).hasMessageContaining("under way");
        assertThat(codeNow(before)).isEmpty();
        assertThat(codeNow(ca.sign(RELEASE))).isEmpty();
        ca.dropOldReleaseKey();
        ca.rotateReleaseKey();
        assertThat(codeNow(ca.sign(RELEASE))).isEmpty();
    }

    @Test
    void a_rotation_that_ended_half_way_is_done_again_and_loses_no_key() throws Exception {
        Path home = directory.resolve("ca");
        String trusted = Files.readString(home.resolve("release.pem"));
        Release before = ca.sign(RELEASE);
        ca.rotateReleaseKey();
        // As it was before the last of its writes.
        Files.writeString(home.resolve("release.pem"), trusted);
        assertThat(codeNow(ca.sign(RELEASE))).contains("RELEASE_SIGNATURE_WRONG");

        ca.rotateReleaseKey();
        assertThat(codeNow(ca.sign(RELEASE))).isEmpty();
        assertThat(codeNow(before)).isEmpty();
        assertThat(ReleaseKey.read(home.resolve("release-old.key")).sign(RELEASE))
                .isEqualTo(before);
    }

    @Test
    void dropping_the_old_key_ends_half_way_with_both_trusted_and_is_done_again() throws Exception {
        Path home = directory.resolve("ca");
        Release before = ca.sign(RELEASE);
        ca.rotateReleaseKey();
        Release after = ca.sign(RELEASE);
        Path old = home.resolve("release-old.key");
        byte[] secret = Files.readAllBytes(old);

        // The old key cannot be deleted.
        Files.delete(old);
        Files.createDirectories(old.resolve("in-the-way"));
        assertThatThrownBy(ca::dropOldReleaseKey).isInstanceOf(IOException.class);
        assertThat(codeNow(before)).isEmpty();
        Files.delete(old.resolve("in-the-way"));
        Files.delete(old);
        Files.write(old, secret);

        // release.pem cannot be written.
        Path draft = home.resolve(".release.pem.draft");
        Files.createDirectories(draft.resolve("in-the-way"));
        assertThatThrownBy(ca::dropOldReleaseKey).isInstanceOf(IOException.class);
        assertThat(old).doesNotExist();
        assertThatThrownBy(ca::rotateReleaseKey).hasMessageContaining("under way");
        Files.delete(draft.resolve("in-the-way"));

        ca.dropOldReleaseKey();
        assertThat(codeNow(before)).contains("RELEASE_SIGNATURE_WRONG");
        assertThat(codeNow(after)).isEmpty();
        assertThat(ca.sign(RELEASE)).isEqualTo(after);
    }

    @Test
    void the_only_trusted_key_is_saved_though_an_older_one_was_left_behind() throws Exception {
        Path old = directory.resolve("ca/release-old.key");
        ca.rotateReleaseKey();
        byte[] leftBehind = Files.readAllBytes(old);
        ca.dropOldReleaseKey();
        Files.write(old, leftBehind);
        Release before = ca.sign(RELEASE);

        ca.rotateReleaseKey();
        assertThat(ReleaseKey.read(old).sign(RELEASE)).isEqualTo(before);
        assertThat(codeNow(before)).isEmpty();
    }

    @Test
    void the_key_that_is_kept_is_the_one_that_signs_wherever_it_stands() throws Exception {
        Path trusted = directory.resolve("ca/release.pem");
        ca.rotateReleaseKey();
        Release after = ca.sign(RELEASE);
        List<byte[]> keys = Pem.blocks("PUBLIC KEY", Files.readString(trusted));
        Files.writeString(trusted, publicKeys(keys.get(1), keys.get(0)));
        ca.dropOldReleaseKey();
        assertThat(codeNow(after)).isEmpty();
        assertThat(Files.readString(trusted)).isEqualTo(publicKeys(keys.get(1)));
    }

    @Test
    void nothing_is_dropped_if_it_is_not_known_what_to_keep() throws Exception {
        Path home = directory.resolve("ca");
        Path trusted = home.resolve("release.pem");
        CertificateAuthority.init(directory.resolve("other"), new FleetId("us-1"), Instant.now());
        byte[] foreign = Pem.blocks("PUBLIC KEY", Files.readString(directory.resolve("other/release.pem")))
                .getFirst();
        ca.rotateReleaseKey();
        List<byte[]> keys = Pem.blocks("PUBLIC KEY", Files.readString(trusted));

        refusesToDrop(publicKeys(keys.get(0), keys.get(1), foreign), "3 keys", "by an editor");
        refusesToDrop(publicKeys(keys.get(0), foreign), "does not hold the public half", "put both back");
        Files.move(home.resolve("release.key"), home.resolve("elsewhere.key"));
        refusesToDrop(publicKeys(keys.get(0), keys.get(1)), "does not hold the public half", "put both back");
    }

    private void refusesToDrop(String trusted, String why, String wayOut) throws Exception {
        Path file = directory.resolve("ca/release.pem");
        Files.writeString(file, trusted);
        assertThatThrownBy(ca::dropOldReleaseKey)
                .isInstanceOfSatisfying(
                        CaFailure.class, refusal -> assertThat(refusal.wayOut()).contains(wayOut))
                .hasMessageContaining(why);
        assertThat(Files.readString(file)).isEqualTo(trusted);
        assertThat(directory.resolve("ca/release-old.key")).exists();
    }

    private static String publicKeys(byte[]... keys) {
        return Stream.of(keys).map(key -> Pem.block("PUBLIC KEY", key)).collect(Collectors.joining());
    }

    @Test
    void a_key_that_lies_elsewhere_is_replaced_too() throws Exception {
        Release before = ca.sign(RELEASE);
        Files.move(directory.resolve("ca/release.key"), directory.resolve("builders.key"));
        ca.rotateReleaseKey();
        assertThat(codeNow(before)).isEmpty();
        assertThat(codeNow(ca.sign(RELEASE))).isEmpty();
        assertThat(directory.resolve("ca/release-old.key")).doesNotExist();
        ca.dropOldReleaseKey();
        assertThat(codeNow(before)).contains("RELEASE_SIGNATURE_WRONG");
    }

    @Test
    @Timeout(30)
    void a_running_program_takes_the_new_key_up_without_a_restart() throws Exception {
        CredentialsDirectory own = CredentialsDirectory.open(directory.resolve("h1"), told -> {});
        ReleaseTrust running = ReleaseTrust.of(own);
        Release before = ca.sign(RELEASE);
        ca.rotateReleaseKey();
        Release after = ca.sign(RELEASE);
        assertThat(running.refusal(after)).isPresent();
        putReleaseKeys();
        await(() -> running.refusal(after).isEmpty());
        assertThat(running.refusal(before)).isEmpty();
        ca.dropOldReleaseKey();
        putReleaseKeys();
        await(() -> running.refusal(before).isPresent());
        assertThat(running.refusal(after)).isEmpty();
    }

    private void putReleaseKeys() throws Exception {
        Files.copy(
                directory.resolve("ca/release.pem"),
                directory.resolve("h1/release.pem"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static void await(BooleanSupplier condition) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(giveUp);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
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
