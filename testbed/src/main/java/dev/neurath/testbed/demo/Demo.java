package dev.neurath.testbed.demo;

import dev.neurath.cli.live.RolloutFollower;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.OutputFormat;
import dev.neurath.cli.output.Printer;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.Vm;
import dev.neurath.testbed.beat.BeatLog;
import dev.neurath.testbed.beat.BeatWatcher;
import dev.neurath.testbed.demo.GuestReport.Beats;
import dev.neurath.testbed.demo.Guests.Guest;
import dev.neurath.testbed.demo.RunDirectories.Run;
import dev.neurath.testbed.guest.BeatGuest;
import dev.neurath.testbed.qemu.QemuCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The story of a demo, from nothing to the last table: fetch, start a fleet, let guests beat, hand all of them over, and tell how it went.
 *
 * <p>Whatever happens on the way, including Ctrl-C, everything that was started is ended, unless it is to be kept.
 */
final class Demo {
    private static final Duration FIRST_BEATS = Duration.ofSeconds(60);
    private static final Duration BEATS_AGAIN = Duration.ofSeconds(30);
    /** Of beats, before and after: what counts as beating. */
    private static final Duration BEATING = Duration.ofSeconds(1);
    /** The rollout's part of the two minutes that a demo may take on a small machine, with room for a slow one. */
    private static final Duration ROLLOUT_LIMIT = Duration.ofMinutes(4);

    private final DemoOptions options;
    private final RunDirectories runs;
    private final LeftOvers leftOvers;
    private final Console shown;

    Demo(DemoOptions options, RunDirectories runs, LeftOvers leftOvers, Console shown) {
        this.options = options;
        this.runs = runs;
        this.leftOvers = leftOvers;
        this.shown = shown;
    }

    DemoReport run() throws IOException, InterruptedException {
        QemuCatalog catalog = QemuCatalog.ofUser();
        QemuPair qemus = QemuPair.resolve(catalog, options.from(), options.to(), this::tell);
        MachineTypes.Type machine = MachineTypes.newestCommon(qemus.from(), qemus.to());
        Run run = runs.create();
        Programs programs = new Programs(run);
        Thread onCtrlC = Thread.ofPlatform().unstarted(() -> end(run, programs));
        Runtime.getRuntime().addShutdownHook(onCtrlC);
        boolean keep = false;
        try {
            DemoReport report = story(catalog, qemus, machine, run, programs);
            keep = options.keep();
            if (keep) {
                Files.createFile(run.keptMark());
                tellHowToLook(run, report.server());
            }
            return report;
        } finally {
            if (keep) {
                programs.close();
                Runtime.getRuntime().removeShutdownHook(onCtrlC);
            } else {
                end(run, programs);
            }
        }
    }

    private DemoReport story(QemuCatalog catalog, QemuPair qemus, MachineTypes.Type machine, Run run, Programs programs)
            throws IOException, InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        BeatGuest beat = Guests.beat(options.vms() + 1, cores, options.ramBytes());
        tell("starting a coordinator and " + options.hosts() + " host agents");
        try (Fleet fleet = Fleet.start(run, programs);
                BeatWatcher watcher = BeatWatcher.start()) {
            String from = fleet.register(catalog.releaseManifest(qemus.from()));
            String to = fleet.register(catalog.releaseManifest(qemus.to()));
            List<Guest> guests = Guests.of(options, run, from, machine, beat);
            fleet.startAgents(options.hosts(), guests, options.fail());
            tell("starting " + guests.size() + " guests on QEMU " + qemus.from().label() + ", machine " + machine + ", "
                    + beat.hz() + " beats per second each");
            Map<Guest, BeatLog> logs = new LinkedHashMap<>();
            guests.forEach(guest -> logs.put(guest, watcher.watch(guest.beats())));
            fleet.startGuests(guests);
            awaitBeats(logs, beat, FIRST_BEATS, "did not begin to beat");
            Map<Guest, Vm> before = look(fleet, guests);

            tell("handing all of them over to QEMU " + qemus.to().label()
                    + "; the hand-over of the last one is made to fail ("
                    + options.fail().word() + ")");
            Map<Guest, BeatLog.Mark> begin = marks(logs);
            long started = System.nanoTime();
            Rollout rollout = rollOut(fleet, RolloutFile.of(run.id(), to));
            Duration duration = Duration.ofNanos(System.nanoTime() - started);
            Map<Guest, BeatLog.Mark> end = marks(logs);
            boolean beating = beatsAgain(logs, end, beat);
            if (!beating) {
                tell("not every guest beats");
            }
            return new DemoReport(
                    Documents.word(rollout.getPhase()),
                    options.accel(),
                    qemus.from().version().toString(),
                    qemus.to().version().toString(),
                    reports(fleet, rollout, before, logs, begin, end),
                    duration,
                    options.keep() ? fleet.server() : "",
                    options.keep() ? Members.ofAdmin(run).toString() : "",
                    run.home().toString());
        }
    }

    private Rollout rollOut(Fleet fleet, String yaml) {
        Rollout applied = fleet.api()
                .rollouts(rollouts ->
                        rollouts.apply(ApplyRequest.newBuilder().setYaml(yaml).build()));
        GetRolloutRequest look =
                GetRolloutRequest.newBuilder().setId(applied.getId()).build();
        new RolloutFollower(shown, new Printer(shown, OutputFormat.table), false)
                .withoutFarewell()
                .follow(applied.getId(), () -> fleet.api().rollouts(rollouts -> rollouts.get(look)), ROLLOUT_LIMIT);
        return fleet.api().rollouts(rollouts -> rollouts.get(look));
    }

    private static List<GuestReport> reports(
            Fleet fleet,
            Rollout rollout,
            Map<Guest, Vm> before,
            Map<Guest, BeatLog> logs,
            Map<Guest, BeatLog.Mark> begin,
            Map<Guest, BeatLog.Mark> end) {
        Map<String, Rollout.VmLine> lines = new LinkedHashMap<>();
        rollout.getVmsList().forEach(line -> lines.put(line.getVm(), line));
        List<GuestReport> reports = new ArrayList<>();
        logs.forEach((guest, log) -> {
            BeatLog.Mark from = at(begin, guest);
            BeatLog.Mark to = at(end, guest);
            Beats beats = new Beats(
                    log.largestGap(from, to).toNanos() / 1e6,
                    from.beats(),
                    log.beatsAfter(to),
                    log.status().errors(),
                    log.troubles());
            Rollout.VmLine line = lines.getOrDefault(guest.id(), Rollout.VmLine.getDefaultInstance());
            reports.add(GuestReport.of(
                    guest, line, at(before, guest), fleet.vm(guest.id()), fleet.events(guest.id()), beats));
        });
        return reports;
    }

    private static Map<Guest, Vm> look(Fleet fleet, List<Guest> guests) {
        Map<Guest, Vm> vms = new LinkedHashMap<>();
        guests.forEach(guest -> vms.put(guest, fleet.vm(guest.id())));
        return vms;
    }

    private static Map<Guest, BeatLog.Mark> marks(Map<Guest, BeatLog> logs) {
        Map<Guest, BeatLog.Mark> marks = new LinkedHashMap<>();
        logs.forEach((guest, log) -> marks.put(guest, log.mark()));
        return marks;
    }

    private static void awaitBeats(Map<Guest, BeatLog> logs, BeatGuest beat, Duration limit, String otherwise)
            throws InterruptedException {
        for (Map.Entry<Guest, BeatLog> log : logs.entrySet()) {
            if (!log.getValue().awaitBeatsAfter(log.getValue().mark(), beats(beat), limit)) {
                throw new DemoFailure(log.getKey().id() + " " + otherwise + " within " + limit.toSeconds() + " s");
            }
        }
    }

    private static boolean beatsAgain(Map<Guest, BeatLog> logs, Map<Guest, BeatLog.Mark> since, BeatGuest beat)
            throws InterruptedException {
        boolean all = true;
        for (Map.Entry<Guest, BeatLog> log : logs.entrySet()) {
            all &= log.getValue().awaitBeatsAfter(at(since, log.getKey()), beats(beat), BEATS_AGAIN);
        }
        return all;
    }

    private static long beats(BeatGuest beat) {
        return beat.hz() * BEATING.toSeconds();
    }

    private static <T> T at(Map<Guest, T> map, Guest guest) {
        return java.util.Objects.requireNonNull(map.get(guest));
    }

    private void end(Run run, Programs programs) {
        programs.close();
        try {
            leftOvers.end(run);
        } catch (IOException failure) {
            throw new DemoFailure(
                    "cannot end demo " + run.id() + ": " + failure.getMessage() + "; try: neurath demo --clean");
        }
    }

    private void tellHowToLook(Run run, String server) {
        tell("everything goes on running. Look around, with NEURATH_SERVER=" + server + " NEURATH_TLS="
                + Members.ofAdmin(run) + ":");
        tell("  neurath vm list    neurath rollout list    neurath events -w");
        tell("  logs and beats: " + run.home());
        tell("  end it all: neurath demo --clean");
    }

    private void tell(String line) {
        shown.err().println("neurath demo: " + line);
    }
}
