package dev.neurath.testbed.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.testbed.Command;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.apt.AptMirror;
import dev.neurath.testbed.apt.AptMirror.NoMirrorException;
import dev.neurath.testbed.apt.PackageFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real fetch into an empty cache, over the machine's mirror. */
@Tag("qemu")
@Timeout(300)
class QemuCatalogFetchTest {
    // One for both tests: the mirror's indices are fetched once.
    @TempDir
    private static Path directory;

    @BeforeAll
    static void there_is_a_mirror() throws Exception {
        try {
            AptMirror.ofMachine(SuiteList.standard().names());
        } catch (NoMirrorException e) {
            System.out.println("not tried: " + e.getMessage());
            Assumptions.abort(e.getMessage());
        }
    }

    @Test
    void two_fetchers_fetch_once_and_touch_nothing_of_the_machine() throws Exception {
        QemuCatalog catalog = QemuCatalog.in(new UserCache(directory));
        Map<Path, FileTime> machine = machineState();
        // A fetcher that died before its last rename leaves this behind.
        Path left = Files.createDirectories(directory.resolve("qemu/partial/root/usr/bin"));
        Files.writeString(left.resolve("left-over"), "by a dead fetcher");
        List<String> progress = new CopyOnWriteArrayList<>();
        QemuRequest request = QemuRequest.parse("trixie-backports");

        List<QemuInstall> got = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<QemuInstall> fetch = () -> catalog.fetch(request, progress::add);
            for (Future<QemuInstall> future : threads.invokeAll(List.of(fetch, fetch))) {
                got.add(future.get());
            }
        }

        System.out.println(String.join("\n", progress));
        assertThat(got.getFirst()).isEqualTo(got.getLast());
        assertThat(progress).filteredOn(line -> line.startsWith("downloading ")).hasSize(1);
        assertThat(progress).anyMatch(line -> line.startsWith("waiting for another fetch"));
        assertThat(machineState()).isEqualTo(machine);
        assertThat(got.getFirst().root().resolve("usr/bin/left-over")).doesNotExist();
        the_release_manifest_runs_and_its_hashes_are_true(catalog, got.getFirst());
    }

    private static void the_release_manifest_runs_and_its_hashes_are_true(QemuCatalog catalog, QemuInstall install)
            throws Exception {
        JsonNode manifest = catalog.releaseManifest(install);
        List<String> argv = new ArrayList<>();
        manifest.path("argvPrefix").forEach(argument -> argv.add(argument.asText()));
        argv.add("--version");
        Map<String, String> environment = new TreeMap<>();
        manifest.path("environment")
                .properties()
                .forEach(entry ->
                        environment.put(entry.getKey(), entry.getValue().asText()));
        assertThat(new Command(argv, environment, Duration.ofSeconds(30)).output())
                .contains("version " + manifest.path("version").asText());

        Map<String, String> hashes = new TreeMap<>();
        for (JsonNode file : manifest.path("files")) {
            hashes.put(file.path("path").asText(), file.path("sha256").asText());
        }
        System.out.println("files in the release manifest: " + hashes.size());
        assertThat(hashes)
                .containsKeys(install.loader().toString(), install.binary().toString());
        assertThat(hashes.keySet()).anyMatch(path -> path.contains("/libc.so.6"));
        assertThat(hashes.keySet()).anyMatch(path -> path.endsWith("/bios-256k.bin"));
        assertThat(hashes.keySet()).anyMatch(path -> path.startsWith(install.moduleDir() + "/"));
        for (Map.Entry<String, String> file : hashes.entrySet()) {
            assertThat(PackageFiles.sha256(Path.of(file.getKey()))).isEqualTo(file.getValue());
        }
    }

    @Test
    void a_version_that_nobody_has_is_refused_with_all_that_was_found() throws Exception {
        QemuCatalog catalog = QemuCatalog.in(new UserCache(directory));

        assertThatThrownBy(() -> catalog.fetch(QemuRequest.parse("1.5.3"), System.out::println))
                .isInstanceOfSatisfying(UnresolvedRequestException.class, refusal -> {
                    assertThat(refusal.reason()).isEqualTo(UnresolvedRequestException.Reason.UNKNOWN);
                    assertThat(refusal.found()).isNotEmpty();
                });
        assertThat(catalog.find(QemuRequest.parse("1.5.3"))).isEmpty();
    }

    /** Where apt and dpkg keep what is installed and known: any write shows in a time. */
    private static Map<Path, FileTime> machineState() throws IOException {
        Map<Path, FileTime> state = new TreeMap<>();
        for (String place : List.of("/etc/apt", "/var/lib/apt/lists", "/var/lib/dpkg", "/var/cache/apt")) {
            try (Stream<Path> walk = Files.walk(Path.of(place), 1)) {
                for (Path path : walk.toList()) {
                    state.put(path, Files.getLastModifiedTime(path));
                }
            }
        }
        return state;
    }
}
