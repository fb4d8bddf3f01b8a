package dev.neurath.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.identity.BadCredentials;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.CredentialsDirectory;
import dev.neurath.identity.PeerCheck;
import dev.neurath.identity.Role;
import dev.neurath.identity.Untrusted;
import dev.neurath.model.FleetId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A CA's life: made, asked for certificates, its key replaced while what it issued goes on to work. */
@Timeout(30)
class CertificateAuthorityTest {
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    private Path directory;

    private final Instant now = Instant.now();
    private CertificateAuthority ca;

    @BeforeEach
    void found() throws Exception {
        ca = CertificateAuthority.init(directory.resolve("ca"), new FleetId("eu-1"), now);
    }

    private Path issue(CertificateAuthority by, Role role, String name) throws Exception {
        Path out = directory.resolve(name);
        by.issue(role, name, List.of("127.0.0.1", "node.example.org"), YEAR, out, now);
        return out;
    }

    @Test
    void keys_and_their_directories_are_their_owners_alone() throws Exception {
        Path out = issue(ca, Role.NODE, "n1");
        for (Path place : List.of(out, directory.resolve("ca"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                    .isEqualTo("rwx------");
            try (Stream<Path> files = Files.list(place)) {
                assertThat(files.filter(file -> !file.endsWith("issued.log")))
                        .isNotEmpty()
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
        }
    }

    @Test
    void a_second_ca_in_the_same_directory_is_refused_with_the_first_ones_fleet() {
        assertThatThrownBy(() -> CertificateAuthority.init(directory.resolve("ca"), new FleetId("us-1"), now))
                .isInstanceOf(CaFailure.class)
                .hasMessageContaining("eu-1");
    }

    @Test
    void a_name_that_would_not_fit_a_certificate_is_refused() {
        assertThatThrownBy(() -> issue(ca, Role.VIEW, "a b"))
                .isInstanceOf(CaFailure.class)
                .hasMessageContaining("a b");
    }

    @Test
    void an_agents_name_can_be_a_hosts_id_or_is_refused() {
        assertThatThrownBy(() -> issue(ca, Role.AGENT, "h1@example.org"))
                .isInstanceOf(CaFailure.class)
                .hasMessageContaining("--name")
                .hasMessageContaining("host id 'h1@example.org'");
    }

    @Test
    void a_host_is_a_dns_name_or_an_address() throws Exception {
        Path out = directory.resolve("n1");
        var right = List.of("10.0.0.1", "fe80::1", "n1", "n-1.example.org", "*.example.org", "xn--bcher-kva.example");
        Collection<List<?>> names =
                ca.issue(Role.NODE, "n1", right, YEAR, out, now).getSubjectAlternativeNames();
        assertThat(names).extracting(name -> (Object) name.getFirst()).containsExactly(6, 7, 7, 2, 2, 2, 2);
        for (String wrong : List.of(
                "",
                "10.0.0.0/8",
                "10.0.0",
                "10.0.0.256",
                "fe80::/10",
                "n1:7601",
                "n1.example.org.",
                "n 1",
                "bücher.example",
                "a.*.org",
                "n1".repeat(32))) {
            assertThatThrownBy(() -> ca.issue(Role.NODE, "n1", List.of(wrong), YEAR, out, now))
                    .as(wrong)
                    .isInstanceOf(CaFailure.class)
                    .hasMessageContaining("--host")
                    .hasMessageContaining("'" + wrong + "'");
        }
    }

    @Test
    void a_directory_that_others_may_enter_is_refused_and_stays_as_it_is() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatThrownBy(() -> issue(ca, Role.VIEW, "open"))
                .isInstanceOf(CaFailure.class)
                .hasMessageContaining("--out " + open);
        assertThatThrownBy(() -> CertificateAuthority.init(open, new FleetId("us-1"), now))
                .isInstanceOf(CaFailure.class)
                .hasMessageContaining("--dir " + open);
        assertThat(permissions(open)).isEqualTo("rwxr-xr-x");
        assertThat(open).isEmptyDirectory();
    }

    @Test
    void a_certificate_is_renewed_where_its_owner_let_somebody_in() throws Exception {
        Path out = issue(ca, Role.NODE, "n1");
        Files.setPosixFilePermissions(out, PosixFilePermissions.fromString("rwxr-x---"));
        Credentials before = Credentials.read(out);
        assertThat(Credentials.read(issue(ca, Role.NODE, "n1")).chain()).isNotEqualTo(before.chain());
        assertThat(permissions(out)).isEqualTo("rwxr-x---");
    }

    @Test
    void only_the_last_directory_of_a_path_is_its_owners_alone() throws Exception {
        Path out = directory.resolve("etc").resolve("tls");
        Files.createDirectory(directory.resolve("reference"));
        ca.issue(Role.VIEW, "ann", List.of(), YEAR, out, now);
        assertThat(permissions(out)).isEqualTo("rwx------");
        assertThat(permissions(directory.resolve("etc"))).isEqualTo(permissions(directory.resolve("reference")));
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void while_a_key_is_replaced_old_and_new_certificates_count_and_afterwards_the_new_ones_only() throws Exception {
        Credentials before = Credentials.read(issue(ca, Role.NODE, "old"));
        ca.rotate(now);
        Credentials during = Credentials.read(issue(ca, Role.NODE, "new"));
        PeerCheck.check(before.chain(), during, now);
        PeerCheck.check(during.chain(), during, now);
        // Which is why ca.pem goes everywhere before the first new certificate is issued.
        assertThatThrownBy(() -> PeerCheck.check(during.chain(), before, now)).isInstanceOf(Untrusted.class);
        assertThatThrownBy(() -> ca.rotate(now)).hasMessageContaining("under way");

        assertThat(ca.dropOld()).containsExactly(1);
        Credentials after = Credentials.read(issue(ca, Role.NODE, "last"));
        PeerCheck.check(during.chain(), after, now);
        assertThatThrownBy(() -> PeerCheck.check(before.chain(), after, now)).isInstanceOf(Untrusted.class);
        assertThatThrownBy(ca::dropOld).hasMessageContaining("only one");
    }

    @Test
    void every_certificate_leaves_a_line() throws Exception {
        issue(ca, Role.AGENT, "h1");
        issue(CertificateAuthority.open(directory.resolve("ca")), Role.ADMIN, "ann");
        assertThat(ca.issued()).hasSize(2);
        assertThat(ca.issued().getFirst()).contains("neurath://eu-1/agent/h1");
        assertThat(ca.issued().getLast()).contains("neurath://eu-1/admin/ann");
    }

    @Test
    void a_renewed_certificate_is_taken_up_and_half_of_one_is_not() throws Exception {
        Path own = issue(ca, Role.NODE, "n1");
        var told = new CopyOnWriteArrayList<String>();
        CredentialsDirectory credentials = CredentialsDirectory.open(own, told::add);
        Credentials first = credentials.get();

        Path other = issue(ca, Role.NODE, "n2");
        Files.copy(
                other.resolve("cert.pem"), own.resolve("cert.pem"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        await(() -> credentials.get().equals(first) && !told.isEmpty());
        assertThat(told.getLast()).contains("of before go on to count").contains("key.pem");

        Files.copy(other.resolve("key.pem"), own.resolve("key.pem"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        await(() -> credentials.get().equals(first) && told.getLast().contains("restart"));

        issue(ca, Role.NODE, "n1");
        await(() -> !credentials.get().equals(first));
        assertThat(credentials.get().self()).isEqualTo(first.self());
        assertThat(credentials.get().chain()).isNotEqualTo(first.chain());
    }

    @Test
    void credentials_that_cannot_be_used_name_the_file() throws Exception {
        Path own = issue(ca, Role.VIEW, "ann");
        assertThatCode(() -> Credentials.read(own)).doesNotThrowAnyException();
        Files.setPosixFilePermissions(own.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Credentials.read(own))
                .isInstanceOf(BadCredentials.class)
                .hasMessageContaining("chmod 600");
        Files.delete(own.resolve("key.pem"));
        assertThatThrownBy(() -> Credentials.read(own))
                .hasMessageContaining("there is no")
                .hasMessageContaining("key.pem");
        Files.writeString(own.resolve("cert.pem"), "nonsense");
        assertThatThrownBy(() -> Credentials.read(own)).hasMessageContaining("cert.pem");
    }

    private static void await(BooleanSupplier condition) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(giveUp);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
