package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neurath.proto.v1.Release;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.guest.BeatGuest;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A beating guest's QEMU that somebody started by hand, in a directory of its own and by paths relative to it; whoever runs its guest then is ended with it. */
final class Stranger implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    final Path directory;
    final long pid;

    private final Optional<Process> supervisor;
    private final List<String> stops = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();

    private Stranger(Path directory, long pid, Optional<Process> supervisor) {
        this.directory = directory;
        this.pid = pid;
        this.supervisor = supervisor;
    }

    /** 32 MiB in a file of its own, which another QEMU can open. */
    static List<String> namedMemory() {
        return List.of(
                "-object", "memory-backend-file,id=ram,size=32M,share=on,mem-path=ram",
                "-machine", "pc-q35-10.0,memory-backend=ram");
    }

    static List<String> qmp() {
        return List.of("-qmp", "unix:vm.qmp,server=on,wait=off");
    }

    static List<String> disk() {
        return List.of("-drive", "file=disk.img,format=raw,if=none,id=d", "-device", "virtio-blk-pci,drive=d");
    }

    @SafeVarargs
    static List<String> all(List<String>... parts) {
        var all = new ArrayList<String>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    static Stranger start(Path directory, Release release, List<String> arguments) throws Exception {
        Files.createDirectories(directory);
        return started(directory, release, argv(directory, release, arguments), "\"$@\" &", false);
    }

    /** @param before what its owner puts before its QEMU, which lives as somebody else then; what its owner made belongs to {@code user} */
    static Stranger startedAs(int user, List<String> before, Path directory, Release release, List<String> arguments)
            throws Exception {
        Files.createDirectories(directory);
        List<String> argv = argv(directory, release, arguments);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Files.setAttribute(file, "unix:uid", user);
            }
        }
        return started(directory, release, all(before, argv), "\"$@\" &", false);
    }

    /** By a shell that starts it again and again. */
    static Stranger supervised(Path directory, Release release, List<String> arguments) throws Exception {
        Files.createDirectories(directory);
        return started(
                directory,
                release,
                argv(directory, release, arguments),
                "while true; do \"$@\" || sleep 1; done",
                true);
    }

    private static Stranger started(Path directory, Release release, List<String> argv, String script, boolean stays)
            throws Exception {
        var words = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        words.addAll(argv);
        Process shell = builder(directory, release, words).start();
        // The name is there before anybody listens under it; the pidfile is written later still.
        await(
                "a QEMU in " + directory,
                () -> Files.exists(directory.resolve("vm.pid"))
                        && Files.readString(directory.resolve("vm.pid")).endsWith("\n")
                        && Files.exists(directory.resolve("vm.qmp")));
        var stranger = new Stranger(directory, pid(directory), stays ? Optional.of(shell) : Optional.empty());
        // It answers when all of it has been built.
        stranger.must("{\"execute\":\"query-status\"}");
        return stranger;
    }

    interface Condition {
        boolean holds() throws IOException;
    }

    static void await(String what, Condition condition) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited too long: " + what);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static long pid(Path directory) throws IOException {
        return Long.parseLong(Files.readString(directory.resolve("vm.pid")).strip());
    }

    private static ProcessBuilder builder(Path directory, Release release, List<String> argv) {
        var builder = new ProcessBuilder(argv).directory(directory.toFile()).redirectErrorStream(true);
        builder.redirectOutput(directory.resolve("output").toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.environment().putAll(release.getEnvironmentMap());
        return builder;
    }

    private static List<String> argv(Path directory, Release release, List<String> arguments) throws IOException {
        Files.copy(BeatGuest.kernel(UserCache.ofUser()), directory.resolve("kernel"));
        if (!Files.exists(directory.resolve("disk.img"))) {
            Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
        }
        Files.writeString(directory.resolve("vm.cfg"), "[smp-opts]\n  cpus = \"1\"\n");
        var guest = BeatGuest.gentle();
        var argv = new ArrayList<>(release.getArgvPrefixList());
        argv.addAll(List.of("-name", "guest=" + directory.getFileName() + ",debug-threads=on"));
        argv.addAll(List.of("-nodefaults", "-display", "none", "-accel", "tcg", "-m", "32M", "-kernel", "kernel"));
        argv.addAll(List.of("-append", guest.append()));
        argv.addAll(List.of("-chardev", "file,id=beat,path=beats", "-device", "isa-debugcon,iobase=0xe9,chardev=beat"));
        argv.addAll(List.of("-pidfile", "vm.pid"));
        argv.addAll(arguments);
        return argv;
    }

    Path qmpSocket() {
        return directory.resolve("vm.qmp");
    }

    /** One command over a monitor of its owner's; the connection ends with it. */
    JsonNode ask(String socket, String command) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(directory.resolve(socket)));
            var lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            lines.readLine();
            for (String line : List.of("{\"execute\":\"qmp_capabilities\"}", command)) {
                channel.write(StandardCharsets.UTF_8.encode(line + "\n"));
                JsonNode answer = JSON.readTree(lines.readLine());
                while (!answer.has("return") && !answer.has("error")) {
                    answer = JSON.readTree(lines.readLine());
                }
                if (line.equals(command)) {
                    return answer;
                }
            }
            throw new IllegalStateException("not reached");
        }
    }

    /** An owner's command, which has to work. */
    void must(String command) throws IOException {
        JsonNode answer = ask("vm.qmp", command);
        if (answer.has("error")) {
            throw new AssertionError(command + ": " + answer);
        }
    }

    /** Somebody who stays connected to a monitor. */
    AutoCloseable holds(String socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(directory.resolve(socket)));
        Channels.newReader(channel, StandardCharsets.UTF_8).read();
        return channel;
    }

    /** From now on everything that stops the guest is noted, by a monitor of its own. */
    void watch() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(directory.resolve("watch.qmp")));
        open.add(channel);
        var lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        lines.readLine();
        channel.write(StandardCharsets.UTF_8.encode("{\"execute\":\"qmp_capabilities\"}\n"));
        lines.readLine();
        Thread.ofVirtual().start(() -> note(lines));
    }

    private void note(BufferedReader lines) {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("\"STOP\"") || line.contains("\"RESUME\"")) {
                    stops.add(line);
                }
            }
        } catch (ClosedChannelException e) {
            // The watching is over.
            return;
        } catch (IOException e) {
            stops.add("nobody watched any more: " + e);
        }
    }

    List<String> stops() {
        return List.copyOf(stops);
    }

    /** Monitors, VNC and pidfile are where they always were, and belong to {@code process}. */
    void assertAllAnswer(String version, int process) throws IOException {
        for (String monitor : List.of("vm.qmp", "second.qmp")) {
            if (Files.exists(directory.resolve(monitor))) {
                assertThat(ask(monitor, "{\"execute\":\"query-version\"}").toString())
                        .as(monitor)
                        .contains(version);
            }
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(directory.resolve("vnc")));
            var hello = ByteBuffer.allocate(3);
            while (hello.hasRemaining() && channel.read(hello) >= 0) {
                assertThat(hello.position()).isPositive();
            }
            assertThat(new String(hello.array(), StandardCharsets.US_ASCII)).isEqualTo("RFB");
        }
        assertThat(pid(directory)).isEqualTo(process);
    }

    /** Names in its directory that its owner did not make. */
    List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("."))
                    .toList();
        }
    }

    long beats() throws IOException {
        try (var lines = Files.lines(directory.resolve("beats"), StandardCharsets.ISO_8859_1)) {
            return lines.count();
        }
    }

    void awaitBeats(long more) throws IOException {
        long wanted = beats() + more;
        await("beat %d of the guest in %s".formatted(wanted, directory), () -> beats() >= wanted);
    }

    /** Who runs the guest now, as its pidfile says; ends that one and the first. */
    @Override
    public void close() throws IOException {
        for (AutoCloseable one : open) {
            try {
                one.close();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
        supervisor.ifPresent(Process::destroyForcibly);
        var pids = new ArrayList<Long>(List.of(pid));
        if (Files.exists(directory.resolve("vm.pid"))) {
            pids.add(
                    Long.parseLong(Files.readString(directory.resolve("vm.pid")).strip()));
        }
        for (long one : pids) {
            if (isOurs(one)) {
                ProcessHandle.of(one).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** Its words name this directory; Java tells none of a command line as long as that of a pinned processor. */
    private boolean isOurs(long process) throws IOException {
        Path words = Path.of("/proc", Long.toString(process), "cmdline");
        return Files.exists(words)
                && Files.readString(words, StandardCharsets.ISO_8859_1)
                        .contains("guest=" + directory.getFileName() + ",");
    }
}
