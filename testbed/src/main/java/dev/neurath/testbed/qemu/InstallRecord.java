package dev.neurath.testbed.qemu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.testbed.apt.PackageFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is written beside an unpacked QEMU once, when it is put in place: where its parts are, relative to the root, and
 * the hash of every file that takes part in running it. Starting a QEMU later needs no hashing; checking one does.
 *
 * @param files path relative to the root -> SHA-256. A library is listed under its link's name as well, since the loader
 *     opens it by that; links that lead out of the root are left out
 */
record InstallRecord(
        QemuVersion version,
        String suite,
        String packageVersion,
        String loader,
        List<String> libraryPath,
        String binary,
        String moduleDir,
        List<String> dataDirs,
        Map<String, String> files) {

    static final String FILE = "install.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    static InstallRecord of(QemuInstall install, String packageVersion) throws IOException {
        Path root = install.root();
        return new InstallRecord(
                install.version(),
                install.suite(),
                packageVersion,
                relative(root, install.loader()),
                install.libraryPath().stream().map(path -> relative(root, path)).toList(),
                relative(root, install.binary()),
                relative(root, install.moduleDir()),
                install.dataDirs().stream().map(path -> relative(root, path)).toList(),
                hashes(install));
    }

    /** The install that this record describes, below the directory it was read from. */
    QemuInstall install(Path home) {
        Path root = home.resolve("root");
        return new QemuInstall(
                version,
                suite,
                root,
                root.resolve(loader),
                libraryPath.stream().map(root::resolve).toList(),
                root.resolve(binary),
                root.resolve(moduleDir),
                dataDirs.stream().map(root::resolve).toList());
    }

    static InstallRecord read(Path home) throws IOException {
        return JSON.readValue(home.resolve(FILE).toFile(), InstallRecord.class);
    }

    void write(Path home) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(home.resolve(FILE).toFile(), this);
    }

    /** The release manifest: absolute paths, ready to be registered with a fleet on this machine. */
    ObjectNode releaseManifest(Path home) {
        QemuInstall install = install(home);
        ObjectNode manifest = JSON.createObjectNode();
        manifest.put("id", "qemu-" + version + "-" + suite);
        manifest.put("version", version.toString());
        ArrayNode argv = manifest.putArray("argvPrefix");
        install.command().forEach(argv::add);
        ObjectNode environment = manifest.putObject("environment");
        new TreeMap<>(install.environment()).forEach(environment::put);
        ArrayNode list = manifest.putArray("files");
        files.forEach((path, sha256) -> list.addObject()
                .put("path", install.root().resolve(path).toString())
                .put("sha256", sha256));
        return manifest;
    }

    private static Map<String, String> hashes(QemuInstall install) throws IOException {
        Set<Path> paths = new LinkedHashSet<>(List.of(install.loader(), install.binary()));
        for (Path directory : install.libraryPath()) {
            paths.addAll(below(directory, 1, ".*\\.so(\\.[0-9.]+)?"));
        }
        paths.addAll(below(install.moduleDir(), 8, ".*\\.so"));
        for (Path directory : install.dataDirs()) {
            paths.addAll(below(directory, 8, ".*"));
        }
        Path realRoot = install.root().toRealPath();
        Map<Path, String> known = new TreeMap<>();
        Map<String, String> hashes = new TreeMap<>();
        for (Path path : paths) {
            Path real = path.toRealPath();
            if (!real.startsWith(realRoot)) {
                continue;
            }
            String hash = known.get(real);
            if (hash == null) {
                hash = PackageFiles.sha256(real);
                known.put(real, hash);
            }
            hashes.put(relative(install.root(), path), hash);
        }
        return hashes;
    }

    private static List<Path> below(Path directory, int depth, String name) throws IOException {
        try (Stream<Path> walk = Files.walk(directory, depth)) {
            return walk.filter(Files::isRegularFile)
                    .filter(path -> path.getFileName().toString().matches(name))
                    .toList();
        }
    }

    private static String relative(Path root, Path path) {
        return root.relativize(path).toString();
    }
}
