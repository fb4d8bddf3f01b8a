package dev.neurath.testbed.apt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.testbed.apt.AptMirror.NoMirrorException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AptSourceTest {
    private static final String DEB822 = """
            Types: deb
            # a note of the image's builder
            URIs: http://mirror.example/debian
            Suites: bookworm bookworm-updates
            Components: main contrib
            Signed-By: /usr/share/keyrings/archive.gpg

            Types: deb-src
            URIs: http://mirror.example/debian
            Suites: bookworm
            Components: main

            Enabled: no
            Types: deb
            URIs: http://switched.off.example/debian
            Suites: bookworm
            Components: main

            types: deb deb-src
            uris: https://tools.example/x
            suites: nodistro
            components: main
            signed-by:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             mQINB
             -----END PGP PUBLIC KEY BLOCK-----
            """;

    @Test
    void deb822_stanzas_are_read_without_sources_and_without_those_switched_off() {
        List<AptSource> sources = AptSource.ofDeb822Form(DEB822);

        assertThat(sources).hasSize(2);
        assertThat(sources.getFirst())
                .isEqualTo(new AptSource(
                        List.of("http://mirror.example/debian"),
                        List.of("bookworm", "bookworm-updates"),
                        List.of("main", "contrib"),
                        "/usr/share/keyrings/archive.gpg",
                        false));
    }

    @Test
    void a_key_that_stands_in_the_stanza_itself_is_kept_line_by_line() {
        assertThat(AptSource.ofDeb822Form(DEB822).getLast().signedBy())
                .isEqualTo("\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINB\n -----END PGP PUBLIC KEY BLOCK-----");
    }

    @Test
    void one_line_sources_are_read_with_and_without_options() {
        List<AptSource> sources = AptSource.ofOneLineForm("""
                # deb http://commented.example/debian bookworm main
                deb-src http://mirror.example/debian bookworm main
                deb http://mirror.example/debian/ bookworm main contrib # ours
                deb [ arch=amd64 signed-by=/k.gpg trusted=yes ] http://other.example/debian trixie main
                deb http://flat.example/ ./
                """);

        assertThat(sources)
                .containsExactly(
                        new AptSource(
                                List.of("http://mirror.example/debian/"),
                                List.of("bookworm"),
                                List.of("main", "contrib"),
                                "",
                                false),
                        new AptSource(
                                List.of("http://other.example/debian"),
                                List.of("trixie"),
                                List.of("main"),
                                "/k.gpg",
                                true),
                        new AptSource(List.of("http://flat.example/"), List.of("./"), List.of(), "", false));
    }

    @Test
    void the_mirror_is_the_first_source_that_serves_a_suite_we_know() throws Exception {
        List<AptSource> sources = AptSource.ofOneLineForm("""
                deb https://tools.example/apt tools-bookworm main
                deb cdrom:[Debian]/ bookworm main
                deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main
                deb http://second.example/debian bookworm main
                """);

        assertThat(AptMirror.among(sources, List.of("bookworm", "trixie")))
                .isEqualTo(new AptMirror("http://mirror.example/debian", "/k.gpg", false));
    }

    @Test
    void a_machine_without_a_debian_mirror_is_told_so() {
        List<AptSource> sources = AptSource.ofOneLineForm("deb https://tools.example/apt tools main");

        assertThatThrownBy(() -> AptMirror.among(sources, List.of("bookworm")))
                .isInstanceOf(NoMirrorException.class)
                .hasMessageContaining("bookworm");
    }

    @Test
    void the_private_source_list_changes_the_suites_and_keeps_the_key() {
        AptMirror mirror = new AptMirror("http://mirror.example/debian", "/k.gpg", false);

        List<AptSource> back = AptSource.ofDeb822Form(mirror.sourceList(List.of("trixie", "trixie-backports")));

        assertThat(back)
                .containsExactly(new AptSource(
                        List.of("http://mirror.example/debian"),
                        List.of("trixie", "trixie-backports"),
                        List.of("main"),
                        "/k.gpg",
                        false));
    }
}
