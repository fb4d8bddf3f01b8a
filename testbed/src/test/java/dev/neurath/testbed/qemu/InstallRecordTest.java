package dev.neurath.testbed.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.testbed.UserCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallRecordTest {
    private static final String EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    static QemuInstall install(String version) {
        return installAt(Path.of("/nowhere"), version, "one");
    }

    private static QemuInstall installAt(Path root, String version, String suite) {
        return new QemuInstall(
                QemuVersion.parse(version),
                suite,
                root,
                root.resolve("lib/x/ld-linux.so.2"),
                List.of(root.resolve("lib/x"), root.resolve("usr/lib/x")),
                root.resolve("usr/bin/qemu"),
                root.resolve("usr/lib/x/qemu"),
                List.of(root.resolve("usr/share/qemu")));
    }

    /** A cached install with empty files, as the catalog leaves it. */
    private static QemuInstall cached(UserCache cache, String version, String suite) throws IOException {
        Path home = cache.qemu().resolve("installs").resolve(version + "-" + suite);
        QemuInstall install = installAt(home.resolve("root"), version, suite);
        for (String file : List.of(
                "lib/x/ld-linux.so.2",
                "usr/bin/qemu",
                "usr/lib/x/libfoo.so.1.2",
                "usr/lib/x/qemu/block-x.so",
                "usr/lib/x/terminfo",
                "usr/share/qemu/keymaps/de",
                "usr/share/doc/copyright")) {
            Path path = install.root().resolve(file);
            Files.createDirectories(path.resolve(".."));
            Files.createFile(path);
        }
        Path libraries = install.root().resolve("usr/lib/x");
        Files.createSymbolicLink(libraries.resolve("libfoo.so.1"), Path.of("libfoo.so.1.2"));
        Path outside = Files.createFile(home.resolve("libescape.so"));
        Files.createSymbolicLink(libraries.resolve("libescape.so"), outside);
        InstallRecord.of(install, "1:" + version + "-1").write(home);
        return install;
    }

    @Test
    void a_command_begins_with_the_versions_own_loader_and_names_its_own_modules() {
        QemuInstall install = install("10.0.2");

        assertThat(install.command())
                .containsExactly(
                        "/nowhere/lib/x/ld-linux.so.2",
                        "--library-path",
                        "/nowhere/lib/x:/nowhere/usr/lib/x",
                        "/nowhere/usr/bin/qemu",
                        "-L",
                        "/nowhere/usr/share/qemu");
        assertThat(install.environment()).containsEntry("QEMU_MODULE_DIR", "/nowhere/usr/lib/x/qemu");
    }

    @Test
    void a_cached_install_is_found_offline_and_is_the_one_that_was_recorded(@TempDir Path directory) throws Exception {
        UserCache cache = new UserCache(directory);
        QemuInstall two = cached(cache, "10.0.2", "one");
        QemuInstall thirteen = cached(cache, "10.0.13", "two");
        QemuCatalog catalog = QemuCatalog.in(cache);

        assertThat(catalog.find(QemuRequest.parse("10.0.2"))).contains(two);
        assertThat(catalog.find(QemuRequest.parse("two"))).contains(thirteen);
        assertThat(catalog.fetch(QemuRequest.parse("10.0.13"), line -> {})).isEqualTo(thirteen);
        assertThatThrownBy(() -> catalog.find(QemuRequest.parse("10"))).isInstanceOf(UnresolvedRequestException.class);
    }

    @Test
    void an_empty_cache_holds_nothing_and_is_no_error(@TempDir Path directory) throws Exception {
        assertThat(QemuCatalog.in(new UserCache(directory.resolve("not-yet"))).cached())
                .isEmpty();
    }

    @Test
    void the_release_manifest_lists_what_takes_part_in_running_and_nothing_else(@TempDir Path directory)
            throws Exception {
        UserCache cache = new UserCache(directory);
        QemuInstall install = cached(cache, "10.0.2", "one");

        JsonNode manifest = QemuCatalog.in(cache).releaseManifest(install);

        assertThat(manifest.path("id").asText()).isEqualTo("qemu-10.0.2-one");
        assertThat(manifest.path("version").asText()).isEqualTo("10.0.2");
        assertThat(manifest.path("argvPrefix").get(0).asText())
                .isEqualTo(install.loader().toString());
        assertThat(manifest.path("environment").path("QEMU_MODULE_DIR").asText())
                .isEqualTo(install.moduleDir().toString());
        TreeSet<String> files = new TreeSet<>();
        for (JsonNode file : manifest.path("files")) {
            assertThat(file.path("sha256").asText()).isEqualTo(EMPTY_SHA256);
            files.add(install.root()
                    .relativize(Path.of(file.path("path").asText()))
                    .toString());
        }
        assertThat(files)
                .containsExactly(
                        "lib/x/ld-linux.so.2",
                        "usr/bin/qemu",
                        "usr/lib/x/libfoo.so.1",
                        "usr/lib/x/libfoo.so.1.2",
                        "usr/lib/x/qemu/block-x.so",
                        "usr/share/qemu/keymaps/de");
    }

    @Test
    void a_manifest_of_somebody_elses_install_is_refused(@TempDir Path directory) {
        assertThatThrownBy(() -> QemuCatalog.in(new UserCache(directory)).releaseManifest(install("10.0.2")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not in this cache");
    }
}
