package dev.neurath.testbed.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One real QEMU, unpacked below its own root with its own loader and libraries, so that it runs on a machine whose libc
 * is older or newer. It is read-only: nobody writes below the root after the catalog has put it there.
 *
 * @param version what the binary says of itself
 * @param root holds a file system tree, {@code usr/bin} and so on
 */
public record QemuInstall(
        QemuVersion version,
        String suite,
        Path root,
        Path loader,
        List<Path> libraryPath,
        Path binary,
        Path moduleDir,
        List<Path> dataDirs) {

    public QemuInstall {
        libraryPath = List.copyOf(libraryPath);
        dataDirs = List.copyOf(dataDirs);
    }

    /** The front of every command line: the version's own loader, then the binary, then where its firmware is. */
    public List<String> command() {
        List<String> argv = new ArrayList<>();
        // The binary's ELF interpreter is an absolute path and means the machine's own loader and libc.
        argv.add(loader.toString());
        argv.add("--library-path");
        argv.add(libraryPath.stream().map(Path::toString).collect(Collectors.joining(":")));
        argv.add(binary.toString());
        for (Path dataDir : dataDirs) {
            argv.add("-L");
            argv.add(dataDir.toString());
        }
        return List.copyOf(argv);
    }

    /** Without it QEMU loads the machine's modules, built for another version, and aborts. */
    public Map<String, String> environment() {
        return Map.of("QEMU_MODULE_DIR", moduleDir.toString());
    }

    /** {@code 10.0.2 (bookworm-backports)}. */
    public String label() {
        return version + " (" + suite + ")";
    }
}
