package dev.neurath.chaos.agent;

import dev.neurath.chaos.handover.Releases;
import dev.neurath.proto.v1.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A host on which VMs run as a user that may do nothing. Its releases lie where that user can read them, but for the one that is too new. */
abstract class NobodysHost extends StrangersHost {
    static final int NOBODY = 65534;

    static final List<String> AS_NOBODY = List.of(
            "/usr/bin/setpriv",
            "--reuid=" + NOBODY,
            "--regid=" + NOBODY,
            "--groups=12345,23456",
            "--inh-caps=-all",
            "--bounding-set=-all",
            "--no-new-privs",
            "--");

    private static final String UNREADABLE = "10.0.13";
    private static Path readable = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        String refused = refused("/usr/bin/setpriv", "--reuid=" + NOBODY, "--clear-groups", "/bin/true");
        if (!refused.isEmpty()) {
            System.out.println("No QEMU of another user is tried: " + refused);
        }
        Assumptions.assumeTrue(refused.isEmpty(), "only root starts a QEMU as another user");
        readable = Files.createTempDirectory("nobody");
        Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void remove() throws IOException {
        if (readable.isAbsolute()) {
            try (Stream<Path> files = Files.walk(readable)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @BeforeEach
    void open() throws IOException {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Override
    Release release(String version) throws Exception {
        Release release = Releases.release(version, line -> {});
        return version.equals(UNREADABLE) ? release : moved(release);
    }

    private static Release moved(Release release) throws IOException {
        Path home = Path.of(release.getArgvPrefix(0));
        while (!home.getParent().getFileName().toString().equals("installs")) {
            home = home.getParent();
        }
        Path there = readable.resolve(home.getFileName());
        if (!Files.exists(there)) {
            link(home.resolve("root"), there.resolve("root"));
        }
        var moved = release.toBuilder().clearArgvPrefix().clearFiles();
        for (String word : release.getArgvPrefixList()) {
            moved.addArgvPrefix(word.replace(home.toString(), there.toString()));
        }
        for (var variable : release.getEnvironmentMap().entrySet()) {
            moved.putEnvironment(variable.getKey(), variable.getValue().replace(home.toString(), there.toString()));
        }
        for (Release.File file : release.getFilesList()) {
            moved.addFiles(file.toBuilder().setPath(file.getPath().replace(home.toString(), there.toString())));
        }
        return moved.build();
    }

    private static void link(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.skip(1).toList()) {
                Path there = to.resolve(from.relativize(file));
                if (Files.isDirectory(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(there);
                } else if (Files.isSymbolicLink(file)) {
                    Files.createSymbolicLink(there, Files.readSymbolicLink(file));
                } else if (Files.getFileStore(file).equals(Files.getFileStore(to))) {
                    Files.createLink(there, file);
                } else {
                    Files.copy(file, there);
                }
            }
        }
    }

    /** @return why this command did not work; empty if it did */
    static String refused(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        boolean done = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        return done ? "" : String.join(" ", command) + ": " + said.strip();
    }

    /** @return {@code before} in a network namespace of its own, or as it is, with the reason on stdout, where none can be made */
    static List<String> inItsOwnNetwork(List<String> before) throws IOException, InterruptedException {
        String refused = refused("/usr/bin/unshare", "--net", "/bin/true");
        if (!refused.isEmpty()) {
            System.out.println("No network namespace is tried: " + refused);
            return before;
        }
        var words = new ArrayList<>(List.of("/usr/bin/unshare", "--net", "--uts", "--ipc", "--cgroup", "--"));
        words.addAll(before);
        return words;
    }
}
