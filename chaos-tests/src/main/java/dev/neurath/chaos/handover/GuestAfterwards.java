package dev.neurath.chaos.handover;

import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import dev.neurath.testbed.beat.BeatLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** What became of one guest: its processes, its owner's monitor and its beats are asked, and held against what is told of it. */
final class GuestAfterwards {
    /** A guest that was reset counts its beats from the beginning, and may leave a line behind that it did not finish. */
    private static final Pattern BEGAN_ANEW = Pattern.compile("beat 1 follows \\d+");

    private static final Pattern TORN = Pattern.compile("torn line: .*");
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration STILL = Duration.ofMillis(500);

    private final Stage stage;
    private final VmId id;
    private final VmState told;
    private final QmpConnector connector;
    private final boolean settled;
    private final List<String> problems = new ArrayList<>();
    private long beats;

    GuestAfterwards(Stage stage, VmId id, VmState told, QmpConnector connector, boolean settled) {
        this.stage = stage;
        this.id = id;
        this.told = told;
        this.connector = connector;
        this.settled = settled;
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    long beats() {
        return beats;
    }

    Fate look(int oldPid) throws IOException, InterruptedException {
        if (!settled) {
            return Fate.UNSETTLED;
        }
        return switch (told.phase()) {
            case GONE -> over(Fate.GONE);
            case LOST -> over(Fate.LOST);
            case QUARANTINED -> Fate.QUARANTINED;
            default -> alive(oldPid);
        };
    }

    private Fate over(Fate fate) throws IOException, InterruptedException {
        List<Integer> living = stage.living(id);
        if (!living.isEmpty()) {
            problems.add("processes " + living + " live, and the VM is said to be " + fate);
        }
        standsStill();
        problems.addAll(stage.beats(id).troubles());
        return fate;
    }

    private Fate alive(int oldPid) throws IOException, InterruptedException {
        int pid = Objects.requireNonNull(told.process()).pid();
        List<Integer> living = stage.living(id);
        if (!living.equals(List.of(pid))) {
            problems.add("processes " + living + " live, and the VM is said to be " + pid);
        }
        boolean upgraded = told.lastEnd() instanceof VmEvent.Verified || told.lastEnd() instanceof VmEvent.GuestSilent;
        if (upgraded == (pid == oldPid)) {
            problems.add("told " + told.lastEnd() + ", and the process is " + pid + ", before it was " + oldPid);
        }
        boolean paused;
        try (Owner owner = Owner.at(connector, Path.of(told.process().qmp()))) {
            String status = owner.status();
            paused = status.equals("paused");
            if (paused) {
                standsStill();
                // It must be as good as it was: whoever stopped it lets it go on.
                owner.say("cont");
            } else if (!status.equals("running")) {
                problems.add("the guest is '" + status + "'");
            }
        }
        boolean rebooted = beatsOn();
        if (paused) {
            return upgraded || rebooted ? Fate.UNSETTLED : Fate.PAUSED;
        }
        if (upgraded) {
            return rebooted ? Fate.UPGRADED_REBOOTED : Fate.UPGRADED;
        }
        return rebooted ? Fate.REBOOTED : Fate.AS_IT_WAS;
    }

    private void standsStill() throws InterruptedException {
        BeatLog log = stage.beats(id);
        // What it said before may still be on its way.
        log.awaitBeatsAfter(log.mark(), 1, STILL);
        if (log.awaitBeatsAfter(log.mark(), 1, STILL)) {
            problems.add("the guest beats, and it is said to stand still");
        }
    }

    /** @return true if it was reset on the way */
    private boolean beatsOn() throws InterruptedException {
        BeatLog log = stage.beats(id);
        BeatLog.Mark ended = log.mark();
        if (!log.awaitBeatsAfter(ended, Stage.BEATS, LIMIT)) {
            problems.add("the guest does not beat on");
        }
        beats = log.beatsAfter(ended);
        var troubles = new ArrayList<>(log.troubles());
        boolean rebooted =
                troubles.removeIf(trouble -> BEGAN_ANEW.matcher(trouble).matches());
        if (rebooted) {
            troubles.removeIf(trouble -> TORN.matcher(trouble).matches());
        }
        problems.addAll(troubles);
        return rebooted;
    }
}
