package dev.neurath.testbed;

import dev.neurath.testbed.qemu.QemuInstall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * One VM for a test: a directory for sockets and logs, its RAM in a private file on tmpfs, and every QEMU it had. Closing
 * it ends them by their own handles and removes all files.
 */
final class TestVm implements AutoCloseable {
    final Path directory;
    final Path ram;
    final Path log;
    private final String machine;
    private final int memoryMib;
    private final List<Process> processes = new ArrayList<>();

    TestVm(Path directory, String machine, int memoryMib) {
        this.directory = directory;
        this.machine = machine;
        this.memoryMib = memoryMib;
        ram = Path.of("/dev/shm", "neurath-test-" + UUID.randomUUID());
        log = directory.resolve("guest.log");
    }

    Path socket(String name) {
        return directory.resolve(name);
    }

    Process start(QemuInstall qemu, String qmp, List<String> guest, String... more) throws IOException {
        List<String> argv = new ArrayList<>(qemu.command());
        argv.addAll(List.of(
                "-name",
                "neurath-test,debug-threads=on",
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-accel",
                "tcg",
                "-m",
                memoryMib + "M",
                "-object",
                "memory-backend-file,id=ram0,share=on,size=" + memoryMib + "M,mem-path=" + ram,
                "-machine",
                machine + ",memory-backend=ram0",
                "-qmp",
                "unix:" + socket(qmp) + ",server=on,wait=off"));
        argv.addAll(guest);
        argv.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(qmp + ".out").toFile());
        builder.environment().putAll(qemu.environment());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    TinyQmp qmp(String name, Process process) throws IOException {
        try {
            return TinyQmp.connect(socket(name), process);
        } catch (IOException e) {
            throw new IOException(Files.readString(directory.resolve(name + ".out")), e);
        }
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.destroyForcibly().onExit().join();
        }
        Files.deleteIfExists(ram);
    }
}
