package dev.neurath.testbed.qemu;

import dev.neurath.testbed.Command;
import dev.neurath.testbed.apt.PackageFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds, in a tree of unpacked packages, the parts a QEMU needs to run, and asks the binary for its version. Places are
 * searched, not assumed: they moved with merged /usr, and they name the machine's architecture.
 */
final class QemuPrefix {
    static final String BINARY = "usr/bin/qemu-system-x86_64";

    private QemuPrefix() {}

    static QemuInstall inspect(Path root, String suite) throws IOException, InterruptedException {
        Path binary = root.resolve(BINARY);
        if (!Files.isExecutable(binary)) {
            throw new IOException("the packages of " + suite + " hold no " + BINARY);
        }
        List<Path> libraries = libraryDirectories(root);
        Path loader = loader(libraries);
        Path modules = PackageFiles.firstExisting(
                        root,
                        libraries.stream()
                                .map(directory -> root.relativize(directory.resolve("qemu"))
                                        .toString())
                                .toList())
                .orElseThrow(() -> new IOException("no directory of QEMU modules below " + root));
        List<Path> data = Stream.of("usr/share/qemu", "usr/share/seabios", "usr/lib/ipxe/qemu")
                .map(root::resolve)
                .filter(Files::isDirectory)
                .toList();
        QemuInstall unasked =
                new QemuInstall(new QemuVersion(List.of(0)), suite, root, loader, libraries, binary, modules, data);
        QemuVersion version = ask(unasked);
        return new QemuInstall(version, suite, root, loader, libraries, binary, modules, data);
    }

    /** What the binary says of itself, which is more than the package says. */
    static QemuVersion ask(QemuInstall install) throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(install.command());
        argv.add("--version");
        String answer = new Command(argv, install.environment(), Duration.ofSeconds(60)).output();
        return QemuVersion.ofStatement(answer)
                .orElseThrow(() -> new IOException("no version in what " + install.binary() + " answers: " + answer));
    }

    /** {@code lib/TRIPLET} and {@code usr/lib/TRIPLET}, and directories below them that hold private libraries. */
    private static List<Path> libraryDirectories(Path root) throws IOException {
        List<Path> directories = new ArrayList<>();
        for (String parent : List.of("lib", "usr/lib")) {
            if (Files.isDirectory(root.resolve(parent))) {
                try (DirectoryStream<Path> triplets = Files.newDirectoryStream(root.resolve(parent), "*-linux-gnu*")) {
                    triplets.forEach(directories::add);
                }
            }
        }
        for (Path directory : List.copyOf(directories)) {
            // PulseAudio's client library finds its private half by a run path that is absolute.
            Path pulse = directory.resolve("pulseaudio");
            if (Files.isDirectory(pulse)) {
                directories.add(pulse);
            }
        }
        return directories;
    }

    /** By the multiarch path only: what stands in lib64 may be an absolute link to the machine's own loader. */
    private static Path loader(List<Path> libraryDirectories) throws IOException {
        for (Path directory : libraryDirectories) {
            try (DirectoryStream<Path> loaders = Files.newDirectoryStream(directory, "ld-linux*.so.*")) {
                for (Path loader : loaders) {
                    return loader;
                }
            }
        }
        throw new IOException("no dynamic loader in " + libraryDirectories);
    }
}
