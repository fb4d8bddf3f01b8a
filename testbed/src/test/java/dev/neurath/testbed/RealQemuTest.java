package dev.neurath.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.testbed.apt.AptMirror.NoMirrorException;
import dev.neurath.testbed.beat.BeatLog;
import dev.neurath.testbed.beat.BeatLog.Mark;
import dev.neurath.testbed.beat.BeatWatcher;
import dev.neurath.testbed.beat.ProcessLife;
import dev.neurath.testbed.beat.ProcessWatch;
import dev.neurath.testbed.guest.BeatGuest;
import dev.neurath.testbed.guest.LinuxGuest;
import dev.neurath.testbed.qemu.QemuCatalog;
import dev.neurath.testbed.qemu.QemuInstall;
import dev.neurath.testbed.qemu.QemuRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guests, versions and watchers together, on real QEMU: guests are handed over by hand, as bare QMP. */
@Tag("qemu")
@Timeout(300)
class RealQemuTest {
    private static final UserCache CACHE = UserCache.ofUser();
    private static final Duration BOOT = Duration.ofSeconds(90);
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private static QemuInstall qemu(String request) throws IOException, InterruptedException {
        try {
            return QemuCatalog.ofUser().fetch(QemuRequest.parse(request), System.out::println);
        } catch (NoMirrorException e) {
            System.out.println("not tried: " + e.getMessage());
            return Assumptions.abort(e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"bookworm", "bookworm-backports", "trixie", "trixie-backports"})
    void a_suites_qemu_says_its_version_and_shows_the_guest_beating(String suite) throws Exception {
        QemuInstall qemu = qemu(suite);
        assertThat(qemu.suite()).isEqualTo(suite);
        try (TestVm vm = new TestVm(directory, "q35", 64);
                BeatWatcher watcher = BeatWatcher.start()) {
            BeatLog log = watcher.watch(vm.log);
            Mark started = log.mark();
            Process process = vm.start(qemu, "qmp", BeatGuest.gentle().arguments(CACHE, vm.log));
            try (TinyQmp qmp = vm.qmp("qmp", process)) {
                assertThat(log.awaitBeatsAfter(started, 1, BOOT)).isTrue();
                System.out.printf(
                        "%s: first beat %d ms after start%n",
                        qemu.label(), (System.nanoTime() - started.nanos()) / 1_000_000);
                assertThat(qmp.execute("query-version", "{}").path("package").asText())
                        .isNotEmpty();
                Mark beating = log.mark();
                assertThat(log.awaitBeatsAfter(beating, 300, SOON)).isTrue();
                assertThat(log.status().ticks()).isPositive();
                assertThat(log.troubles()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"bookworm-backports,trixie-backports", "trixie-backports,trixie-backports"})
    void a_guest_keeps_beating_through_cpr_transfer(String from, String to) throws Exception {
        try (Watched vm = new Watched("pc-q35-10.0,aux-ram-share=on", 128)) {
            List<String> guest = BeatGuest.lively().arguments(CACHE, vm.vm.log);
            Process old = vm.start(qemu(from), "old", guest);
            vm.awaitBeats(500);
            Process young = vm.start(
                    qemu(to),
                    "new",
                    guest,
                    "-S",
                    "-incoming",
                    "defer",
                    "-incoming",
                    channel("cpr", vm.vm.socket("cpr")));
            try (TinyQmp oldQmp = vm.vm.qmp("old", old)) {
                capabilities(oldQmp, "events", "return-path");
                oldQmp.execute("migrate-set-parameters", "{\"mode\":\"cpr-transfer\"}");
                migrateWhenListening(
                        oldQmp,
                        "{\"channels\":[" + channel("main", vm.vm.socket("main")) + ","
                                + channel("cpr", vm.vm.socket("cpr")) + "]}",
                        young);
                try (TinyQmp newQmp = vm.vm.qmp("new", young)) {
                    capabilities(newQmp, "events", "return-path");
                    newQmp.execute("migrate-set-parameters", "{\"mode\":\"cpr-transfer\"}");
                    newQmp.execute(
                            "migrate-incoming", "{\"channels\":[" + channel("main", vm.vm.socket("main")) + "]}");
                    vm.takeOver("A", from + " -> " + to, oldQmp, old, newQmp, young);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bookworm-backports,trixie-backports,pc-q35-10.0",
        "trixie-backports,bookworm-backports,pc-q35-10.0",
        "bookworm,trixie-backports,pc-q35-7.2",
        "trixie-backports,bookworm,pc-q35-7.2"
    })
    void a_guest_keeps_beating_through_a_shared_ram_migration(String from, String to, String machine) throws Exception {
        try (Watched vm = new Watched(machine, 128)) {
            List<String> guest = BeatGuest.lively().arguments(CACHE, vm.vm.log);
            Process old = vm.start(qemu(from), "old", guest);
            vm.awaitBeats(500);
            Process young = vm.start(qemu(to), "new", guest, "-S", "-incoming", "defer");
            try (TinyQmp oldQmp = vm.vm.qmp("old", old);
                    TinyQmp newQmp = vm.vm.qmp("new", young)) {
                sharedRam(vm, oldQmp, newQmp);
                vm.takeOver("B", from + " -> " + to, oldQmp, old, newQmp, young);
            }
        }
    }

    @Test
    void a_linux_guest_counts_on_and_finds_its_sums_through_a_shared_ram_migration() throws Exception {
        LinuxGuest linux = LinuxGuest.fetch(CACHE, System.out::println);
        Path disk = directory.resolve("disk.img");
        LinuxGuest.createDisk(disk);
        try (Watched vm = new Watched("pc-q35-10.0", LinuxGuest.MEMORY_MIB)) {
            List<String> guest = linux.arguments(disk, vm.vm.log);
            Process old = vm.start(qemu("bookworm-backports"), "old", guest);
            vm.awaitBeats(20);
            Process young = vm.start(qemu("trixie-backports"), "new", guest, "-S", "-incoming", "defer");
            try (TinyQmp oldQmp = vm.vm.qmp("old", old);
                    TinyQmp newQmp = vm.vm.qmp("new", young)) {
                sharedRam(vm, oldQmp, newQmp);
                vm.takeOver("B, Linux", "bookworm-backports -> trixie-backports", oldQmp, old, newQmp, young);
            }
        }
    }

    @Test
    void two_guests_that_run_side_by_side_are_seen_to() throws Exception {
        QemuInstall qemu = qemu("trixie-backports");
        List<String> guest = BeatGuest.gentle().arguments(CACHE, directory.resolve("log"));
        try (TestVm one = new TestVm(directory, "q35", 64);
                TestVm two = new TestVm(directory, "q35", 64);
                ProcessWatch processes = ProcessWatch.start();
                BeatWatcher watcher = BeatWatcher.start()) {
            BeatLog log = watcher.watch(directory.resolve("log"));
            ProcessLife first = processes.watch(one.start(qemu, "one", guest).pid(), "one");
            ProcessLife second = processes.watch(two.start(qemu, "two", guest).pid(), "two");

            assertThat(log.awaitBeatsAfter(new Mark(0, 0), 200, BOOT)).isTrue();

            assertThat(first.ranTogetherWith(second)).isTrue();
            // Both wrote one log, so its beats repeat: what a second owner of a guest would look like.
            assertThat(log.troubles()).isNotEmpty();
        }
    }

    @Test
    void sixteen_beating_guests_fit_on_this_machine() throws Exception {
        QemuInstall qemu = qemu("trixie-backports");
        List<TestVm> vms = new ArrayList<>();
        try (BeatWatcher watcher = BeatWatcher.start()) {
            List<BeatLog> logs = new ArrayList<>();
            List<Process> processes = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                TestVm vm = new TestVm(java.nio.file.Files.createDirectory(directory.resolve("vm" + i)), "q35", 32);
                vms.add(vm);
                logs.add(watcher.watch(vm.log));
                processes.add(vm.start(qemu, "qmp", BeatGuest.gentle().arguments(CACHE, vm.log)));
            }
            for (BeatLog log : logs) {
                assertThat(log.awaitBeatsAfter(new Mark(0, 0), 100, BOOT)).isTrue();
            }
            Duration before = processorTime(processes);
            long begin = System.nanoTime();
            List<Mark> marks = logs.stream().map(BeatLog::mark).toList();
            for (int i = 0; i < logs.size(); i++) {
                assertThat(logs.get(i).awaitBeatsAfter(marks.get(i), 300, SOON)).isTrue();
                assertThat(logs.get(i).troubles()).isEmpty();
            }
            Duration spent = processorTime(processes).minus(before);
            System.out.printf(
                    "16 guests, 300 beats each: %d ms of processor time in %d ms%n",
                    spent.toMillis(), (System.nanoTime() - begin) / 1_000_000);
        } finally {
            for (TestVm vm : vms) {
                vm.close();
            }
        }
    }

    private static Duration processorTime(List<Process> processes) {
        return processes.stream()
                .map(process -> process.info().totalCpuDuration().orElseThrow())
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static void sharedRam(Watched vm, TinyQmp old, TinyQmp young) throws IOException {
        capabilities(old, "events", "return-path", "x-ignore-shared");
        capabilities(young, "events", "return-path", "x-ignore-shared");
        String uri = "{\"uri\":\"unix:" + vm.vm.socket("main") + "\"}";
        young.execute("migrate-incoming", uri);
        old.execute("migrate", uri);
    }

    private static void capabilities(TinyQmp qmp, String... names) throws IOException {
        List<String> on = new ArrayList<>();
        for (String name : names) {
            on.add("{\"capability\":\"" + name + "\",\"state\":true}");
        }
        qmp.execute("migrate-set-capabilities", "{\"capabilities\":[" + String.join(",", on) + "]}");
    }

    private static String channel(String type, Path socket) {
        return "{\"channel-type\":\"" + type + "\",\"addr\":{\"transport\":\"socket\",\"type\":\"unix\",\"path\":\""
                + socket + "\"}}";
    }

    /** The new QEMU's channel exists before it listens. */
    private static void migrateWhenListening(TinyQmp old, String arguments, Process young) throws IOException {
        while (true) {
            try {
                old.execute("migrate", arguments);
                return;
            } catch (IOException e) {
                if (!young.isAlive() || !String.valueOf(e.getMessage()).contains("onnect")) {
                    throw e;
                }
                LockSupport.parkNanos(2_000_000);
            }
        }
    }

    /** A VM with both watchers on it. */
    private final class Watched implements AutoCloseable {
        final TestVm vm;
        private final BeatWatcher beats = BeatWatcher.start();
        private final ProcessWatch processes = ProcessWatch.start();
        private final BeatLog log;

        Watched(String machine, int memoryMib) {
            vm = new TestVm(directory, machine, memoryMib);
            log = beats.watch(vm.log);
            processes.follow(vm.ram.toString());
        }

        Process start(QemuInstall qemu, String qmp, List<String> guest, String... more) throws IOException {
            return vm.start(qemu, qmp, guest, more);
        }

        void awaitBeats(long count) throws InterruptedException {
            Mark started = log.mark();
            assertThat(log.awaitBeatsAfter(started, 1, BOOT)).isTrue();
            System.out.printf("first beat %d ms after start%n", (System.nanoTime() - started.nanos()) / 1_000_000);
            assertThat(log.awaitBeatsAfter(started, count, SOON)).isTrue();
        }

        /** From a migration under way to the old one's death, and what must be seen of it from outside. */
        void takeOver(String method, String pair, TinyQmp oldQmp, Process old, TinyQmp newQmp, Process young)
                throws Exception {
            Mark before = log.mark();
            oldQmp.await("query-migrate", "status", "completed");
            newQmp.await("query-migrate", "status", "completed");
            newQmp.execute("cont", "{}");
            Mark after = log.mark();
            old.destroyForcibly().waitFor();

            assertThat(log.awaitBeatsAfter(after, 20, SOON)).isTrue();
            Duration gap = log.largestGap(before, after);
            System.out.printf("%s %s: gap %.1f ms%n", method, pair, gap.toNanos() / 1e6);
            assertThat(log.troubles()).isEmpty();
            assertThat(newQmp.execute("query-status", "{}").path("status").asText())
                    .isEqualTo("running");

            ProcessLife oldLife = life(old);
            ProcessLife newLife = life(young);
            long limit = System.nanoTime() + SOON.toNanos();
            while (!oldLife.isDead() && System.nanoTime() < limit) {
                LockSupport.parkNanos(2_000_000);
            }
            assertThat(oldLife.isDead()).isTrue();
            assertThat(newLife.isDead()).isFalse();
            assertThat(oldLife.runs()).isNotEmpty();
            assertThat(newLife.runs()).isNotEmpty();
            System.out.printf(
                    "  virtual CPUs together: %.2f ms%n",
                    oldLife.spentTogetherWith(newLife).toNanos() / 1e6);
            assertThat(oldLife.ranTogetherWith(newLife)).isFalse();
        }

        private ProcessLife life(Process process) {
            return processes.lives().stream()
                    .filter(life -> life.pid() == process.pid())
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void close() throws IOException {
            vm.close();
            beats.close();
            processes.close();
        }
    }
}
