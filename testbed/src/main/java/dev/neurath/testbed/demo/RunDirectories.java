package dev.neurath.testbed.demo;

import dev.neurath.testbed.UserCache;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Where demos keep their things: each has a directory in the user's cache, and one with a short path in memory for sockets (a unix
 * socket's path ends at 107 characters) and for the guests' RAM. The one in the cache names the other, so nothing is ever unaccounted for.
 */
record RunDirectories(Path root) {
    private static final String SHORT_PREFIX = "neurath-demo-";
    /** Ended runs whose logs are still there to read. */
    private static final int LOGS_KEPT = 3;

    static RunDirectories of(UserCache cache) {
        return new RunDirectories(cache.root().resolve("demo"));
    }

    /** One demo's. */
    record Run(String id, Path home, Path memory) {
        Path ledger() {
            return home.resolve("ledger");
        }

        /** Written when everything is to stay as it is until somebody cleans. */
        Path keptMark() {
            return home.resolve("kept");
        }

        Path state(String program) {
            return home.resolve(program);
        }

        Path log(String program) {
            return home.resolve(program + ".log");
        }

        Path beats(String vm) {
            return home.resolve(vm + ".beats");
        }

        Path sockets(String host) {
            return memory.resolve(host);
        }

        Path ram(String host) {
            return memory.resolve("ram-" + host);
        }

        boolean isOver() {
            return !Files.exists(ledger());
        }
    }

    /** A new one; its ledger exists from the first moment on. */
    Run create() throws IOException {
        byte[] random = new byte[4];
        new SecureRandom().nextBytes(random);
        Run run = run(HexFormat.of().formatHex(random));
        Files.createDirectories(run.home());
        Files.createFile(run.ledger());
        Files.createDirectory(
                run.memory(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return run;
    }

    /** Runs that have not been ended in good order, and ended ones of which only logs are left. */
    List<Run> all() throws IOException {
        List<Run> runs = new ArrayList<>();
        if (Files.isDirectory(root)) {
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(root)) {
                for (Path home : homes) {
                    runs.add(run(home.getFileName().toString()));
                }
            }
        }
        return runs;
    }

    /** Keeps the youngest logs only. */
    void forgetOldLogs() throws IOException {
        List<Run> over = new ArrayList<>();
        for (Run run : all()) {
            if (run.isOver()) {
                over.add(run);
            }
        }
        over.sort((a, b) -> Long.compare(age(b), age(a)));
        for (int i = 0; i < over.size() - LOGS_KEPT; i++) {
            Trees.delete(over.get(i).home());
        }
    }

    private static long age(Run run) {
        return System.currentTimeMillis() - run.home().toFile().lastModified();
    }

    private Run run(String id) {
        return new Run(id, root.resolve(id), memoryRoot().resolve(SHORT_PREFIX + id));
    }

    private static Path memoryRoot() {
        for (String candidate : new String[] {"/dev/shm", System.getenv("XDG_RUNTIME_DIR")}) {
            if (candidate != null && Files.isWritable(Path.of(candidate))) {
                return Path.of(candidate);
            }
        }
        throw new DemoFailure(
                "neither /dev/shm nor XDG_RUNTIME_DIR can be written to; the guests' RAM needs a file system in memory");
    }
}
