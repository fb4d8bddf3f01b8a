package dev.neurath.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neurath.identity.Credentials;
import dev.neurath.identity.Identity;
import dev.neurath.identity.PeerCheck;
import dev.neurath.identity.Role;
import dev.neurath.identity.Untrusted;
import dev.neurath.model.FleetId;
import dev.neurath.model.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose certificate counts in a fleet; each one that does not is told why and what to do. */
class PeerCheckTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    private Path directory;

    private CertificateAuthority ca;
    private Credentials node;

    @BeforeEach
    void found() throws Exception {
        ca = CertificateAuthority.init(directory.resolve("ca"), new FleetId("eu-1"), NOW);
        node = issued(ca, Role.NODE, "n1", NOW, YEAR);
    }

    private Credentials issued(CertificateAuthority by, Role role, String name, Instant at, Duration life)
            throws Exception {
        Path out = directory.resolve(by.fleet() + "-" + role + "-" + name);
        by.issue(role, name, List.of(), life, out, at);
        return Credentials.read(out);
    }

    private Refusal refusal(Credentials peer, Instant at) {
        return catchThrowableOfType(Untrusted.class, () -> PeerCheck.check(peer.chain(), node, at))
                .refusal();
    }

    @Test
    void a_member_is_known_by_fleet_role_and_name() throws Exception {
        for (Role role : Role.values()) {
            String name = role == Role.AGENT ? "h1" : "ann@example.org";
            Credentials peer = issued(ca, role, name, NOW, YEAR);
            assertThat(PeerCheck.check(peer.chain(), node, NOW))
                    .isEqualTo(new Identity(new FleetId("eu-1"), role, name));
        }
    }

    @Test
    void a_certificate_counts_within_its_dates_only() throws Exception {
        Credentials peer = issued(ca, Role.VIEW, "ann", NOW, Duration.ofDays(1));
        assertThat(PeerCheck.check(peer.chain(), node, NOW.plus(Duration.ofHours(23)))
                        .name())
                .isEqualTo("ann");
        Refusal expired = refusal(peer, NOW.plus(Duration.ofHours(25)));
        assertThat(expired.code()).isEqualTo("CERTIFICATE_EXPIRED");
        assertThat(expired.sentence()).contains("ann").contains("2026-03-02T12:00:00Z");
        assertThat(expired.wayOut()).contains("neurath ca issue --role view --name ann");
        assertThat(refusal(peer, NOW.minus(Duration.ofHours(1))).code()).isEqualTo("CERTIFICATE_NOT_YET_VALID");
    }

    @Test
    void another_fleets_certificate_names_both_fleets() throws Exception {
        var other = CertificateAuthority.init(directory.resolve("other"), new FleetId("us-1"), NOW);
        Refusal refusal = refusal(issued(other, Role.ADMIN, "eve", NOW, YEAR), NOW);
        assertThat(refusal.code()).isEqualTo("CERTIFICATE_OF_ANOTHER_FLEET");
        assertThat(refusal.sentence()).contains("us-1").contains("eu-1");
    }

    @Test
    void a_certificate_that_only_says_that_it_is_of_this_fleet_does_not_count() throws Exception {
        var impostor = CertificateAuthority.init(directory.resolve("impostor"), new FleetId("eu-1"), NOW);
        assertThat(refusal(issued(impostor, Role.ADMIN, "eve", NOW, YEAR), NOW).code())
                .isEqualTo("CERTIFICATE_NOT_OF_THIS_CA");
    }

    @Test
    void a_member_cannot_sign_another() throws Exception {
        Credentials agent = issued(ca, Role.AGENT, "h1", NOW, YEAR);
        var keys = issued(ca, Role.VIEW, "v", NOW, YEAR);
        var forged = new Certificates()
                .member(
                        new Identity(new FleetId("eu-1"), Role.ADMIN, "h1"),
                        List.of(),
                        keys.chain().getFirst().getPublicKey(),
                        agent.chain().getFirst(),
                        agent.key(),
                        NOW,
                        YEAR);
        Refusal refusal = catchThrowableOfType(
                        Untrusted.class,
                        () -> PeerCheck.check(List.of(forged, agent.chain().getFirst()), node, NOW))
                .refusal();
        assertThat(refusal.code()).isEqualTo("CERTIFICATE_NOT_OF_THIS_CA");
    }

    @Test
    void no_certificate_is_answered_with_where_to_get_one() {
        Refusal refusal = catchThrowableOfType(Untrusted.class, () -> PeerCheck.check(List.of(), node, NOW))
                .refusal();
        assertThat(refusal.code()).isEqualTo("CERTIFICATE_MISSING");
        assertThat(refusal.wayOut()).contains("--tls").contains("neurath ca issue");
    }

    @Test
    void a_certificate_without_a_name_of_the_fleet_does_not_count() throws Exception {
        var authority = ca.authorities().getFirst();
        Refusal refusal = catchThrowableOfType(Untrusted.class, () -> PeerCheck.check(List.of(authority), node, NOW))
                .refusal();
        assertThat(refusal.code()).isEqualTo("CERTIFICATE_NAMELESS");
    }
}
