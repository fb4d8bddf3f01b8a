package dev.neurath.agent.adopt;

import dev.neurath.agent.process.MemoryMap;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.release.FileHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process was started as, and that it is a QEMU indeed: the file that the kernel runs, or the one that a loader called explicitly has mapped, is the
 * program that its command line names.
 *
 * @param program readable under this path whatever became of the file's name
 */
record StartedBy(List<String> argv, QemuCommandLine commandLine, Path directory, Path program) {
    static StartedBy of(ProcessIdentity identity) throws IOException, NotAdoptable {
        int pid = identity.pid();
        List<String> argv = ProcessProbe.commandLine(pid).orElse(List.of());
        QemuCommandLine commandLine = QemuCommandLine.parse(argv);
        Path directory = StartDirectory.of(pid, argv);
        boolean loaded = commandLine.program().size() > 1;
        Path program =
                loaded ? directory.resolve(commandLine.binary()) : Path.of("/proc", Integer.toString(pid), "exe");
        if (loaded && !maps(pid, program)) {
            throw new NotAdoptable(
                    "IDENTITY_UNSURE",
                    "Process %d says that it is %s, and has not loaded that file.".formatted(pid, program));
        }
        return new StartedBy(argv, commandLine, directory, program);
    }

    private static boolean maps(int pid, Path program) throws IOException {
        if (!Files.isRegularFile(program)) {
            return false;
        }
        String real = program.toRealPath().toString();
        return MemoryMap.of(pid)
                .filter(map -> map.mappings().stream()
                        .anyMatch(mapping -> mapping.path().equals(real)))
                .isPresent();
    }

    /** Lower-case hex. */
    String sha256() throws IOException {
        return FileHash.sha256(program);
    }
}
