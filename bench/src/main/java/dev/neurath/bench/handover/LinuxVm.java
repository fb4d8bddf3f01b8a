package dev.neurath.bench.handover;

import dev.neurath.chaos.handover.Releases;
import dev.neurath.proto.v1.Release;
import dev.neurath.testbed.guest.LinuxGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A Linux guest with a virtio disk and a virtio NIC in a QEMU that somebody has started by hand: this JVM is not its parent, as a host's agent is not. Whoever
 * runs the guest in the end, all of them name its directory and end with it.
 */
final class LinuxVm implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** The least that it can be told with from the shell that starts it. */
    private static final String START_AND_GO = "\"$@\" &";

    private final Releases releases;
    private final LinuxGuest guest;
    private final Path directory;
    private final List<TapDevice> taps;

    /** @param taps one for each QEMU that is to have its own; with none the NIC's wire leads nowhere */
    LinuxVm(Releases releases, LinuxGuest guest, Path directory, List<TapDevice> taps)
            throws IOException, InterruptedException {
        this.releases = releases;
        this.guest = guest;
        this.directory = Files.createDirectory(directory);
        this.taps = taps;
        LinuxGuest.createDisk(directory.resolve("disk.img"));
        var argv = new ArrayList<>(List.of("/bin/sh", "-c", START_AND_GO, "sh"));
        argv.addAll(argv(releases.from(), "old", 0));
        start(releases.from(), argv).waitFor();
        long end = System.nanoTime() + LIMIT.toNanos();
        // The name is there before anybody listens under it; the pidfile is written later still.
        while (!Files.exists(pidFile()) || !Files.readString(pidFile()).endsWith("\n")) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("no QEMU with the Linux guest within %s: %s"
                        .formatted(LIMIT, Files.readString(directory.resolve("out"))));
            }
            Thread.sleep(10);
        }
    }

    Path lines() {
        return directory.resolve("lines");
    }

    Path socket() {
        return directory.resolve("old.qmp");
    }

    Path copySocket() {
        return directory.resolve("copy.qmp");
    }

    Path stream() {
        return directory.resolve("stream");
    }

    private Path pidFile() {
        return directory.resolve("old.pid");
    }

    ProcessHandle old() throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(pidFile()).strip()))
                .orElseThrow(() -> new IOException("the Linux guest's QEMU has ended"));
    }

    /** With memory, and a tap where there is one, of its own. */
    Process startCopy() throws IOException {
        var argv = argv(releases.to(), "copy", taps.size() - 1);
        argv.addAll(List.of("-incoming", "defer"));
        return start(releases.to(), argv);
    }

    private Process start(Release release, List<String> argv) throws IOException {
        var builder = new ProcessBuilder(argv)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("out").toFile()));
        builder.environment().clear();
        builder.environment().putAll(release.getEnvironmentMap());
        return builder.start();
    }

    private List<String> argv(Release release, String which, int tap) {
        String memory = LinuxGuest.MEMORY_MIB + "M";
        String ram =
                "memory-backend-file,id=ram,size=%s,share=on,mem-path=%s/%s.ram".formatted(memory, directory, which);
        var argv = new ArrayList<>(release.getArgvPrefixList());
        argv.addAll(List.of("-name", "guest=" + directory.getFileName() + ",debug-threads=on"));
        argv.addAll(List.of("-nodefaults", "-display", "none", "-accel", "tcg", "-m", memory));
        // The plainest CPU is the same one in every version; with aux-ram-share=on all memory can be passed on.
        argv.addAll(List.of("-cpu", "qemu64", "-object", ram));
        argv.addAll(List.of("-machine", releases.machine() + ",memory-backend=ram,aux-ram-share=on"));
        argv.addAll(List.of(
                "-kernel", guest.kernel().toString(), "-initrd", guest.initrd().toString()));
        argv.addAll(List.of("-append", "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr mitigations=off"));
        argv.addAll(List.of("-chardev", "file,id=lines,append=on,path=" + lines(), "-serial", "chardev:lines"));
        argv.addAll(List.of("-drive", "file=%s/disk.img,format=raw,if=virtio".formatted(directory)));
        argv.addAll(List.of("-netdev", wire(tap), "-device", "virtio-net-pci,netdev=n,mac=" + Frames.GUEST_MAC));
        argv.addAll(List.of("-qmp", "unix:%s/%s.qmp,server=on,wait=off".formatted(directory, which)));
        argv.addAll(List.of("-pidfile", "%s/%s.pid".formatted(directory, which)));
        return argv;
    }

    private String wire(int tap) {
        return taps.isEmpty()
                ? "hubport,id=n,hubid=0"
                : "tap,id=n,ifname=%s,script=no,downscript=no"
                        .formatted(taps.get(tap).name());
    }

    @Override
    public void close() throws IOException {
        LeftBehind.end(directory + "/");
    }
}
