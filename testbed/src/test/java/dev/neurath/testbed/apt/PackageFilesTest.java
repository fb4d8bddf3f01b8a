package dev.neurath.testbed.apt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageFilesTest {
    private static final String HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @Test
    void uris_are_found_between_the_talk_of_apt() throws Exception {
        List<PrintedUri> uris = PrintedUri.parse("""
                Reading package lists...
                The following NEW packages will be installed:
                  libfoo
                'http://mirror.example/pool/libfoo_1%3a2_amd64.deb' libfoo_1%3a2_amd64.deb 5 SHA256:%s
                """.replace("%s", HELLO_SHA256));

        assertThat(uris)
                .containsExactly(new PrintedUri(
                        "http://mirror.example/pool/libfoo_1%3a2_amd64.deb",
                        "libfoo_1%3a2_amd64.deb", 5, HELLO_SHA256));
    }

    @Test
    void a_package_without_a_strong_hash_is_refused() {
        assertThatThrownBy(() -> PrintedUri.parse("'http://m/x.deb' x.deb 5 MD5Sum:0a0dd8eab7a744fd3ad763dc8fcb49d0"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no SHA256 for x.deb");
        assertThatThrownBy(() -> PrintedUri.parse("'http://m/x.deb' x.deb 5 "))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no SHA256 for x.deb");
    }

    @Test
    void a_file_name_that_leads_elsewhere_is_refused() {
        assertThatThrownBy(() -> PrintedUri.parse("'http://m/x.deb' ../x.deb 5 SHA256:" + HELLO_SHA256))
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_file_that_is_not_what_the_index_promises_is_refused(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("x.deb"), "hello");
        PrintedUri promised = new PrintedUri("http://m/x.deb", "x.deb", 5, HELLO_SHA256);

        assertThatCode(() -> PackageFiles.check(promised, file)).doesNotThrowAnyException();
        Files.writeString(file, "hellp");
        assertThatThrownBy(() -> PackageFiles.check(promised, file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not what the index promises");
    }

    @Test
    void a_tree_is_deleted_without_following_its_links(@TempDir Path directory) throws Exception {
        Path outside = Files.writeString(directory.resolve("outside"), "stays");
        Path tree = Files.createDirectories(directory.resolve("tree/deep"));
        Files.createSymbolicLink(tree.resolve("link"), outside);

        PackageFiles.deleteTree(directory.resolve("tree"));

        assertThat(directory.resolve("tree")).doesNotExist();
        assertThat(outside).hasContent("stays");
    }
}
