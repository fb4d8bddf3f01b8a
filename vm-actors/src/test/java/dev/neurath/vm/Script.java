package dev.neurath.vm;

import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One VM's commands and its agent's facts, stamped in order. */
final class Script {
    static final HostId HOST = new HostId("h1");
    static final RolloutId ROLLOUT = new RolloutId("r-1");
    static final Revision OLD = new Revision(new ReleaseId("qemu-old"), "1.0", "aa");
    static final Revision NEW = new Revision(new ReleaseId("qemu-new"), "2.0", "bb");

    private static final List<VmPhase> PHASES = List.of(VmPhase.values());

    private final VmId id;
    private long sequence;

    Script(VmId id) {
        this.id = id;
    }

    VmSpec spec() {
        return new VmSpec(
                id,
                OLD.release(),
                "pc-q35-1.0",
                "qemu64",
                "tcg",
                1,
                64L << 20,
                List.of(),
                List.of(),
                new VmSpec.Boot("/boot/kernel", null, null, null),
                List.of(),
                Map.of("tier", "web"),
                Duration.ofMillis(500),
                List.of());
    }

    VmCommand start() {
        return new VmCommand.Start(spec(), HOST, Actor.LOCAL);
    }

    VmCommand upgrade(int attemptNumber) {
        return new VmCommand.Upgrade(
                ROLLOUT, 1, attemptNumber, NEW.release(), Method.SHARED_RAM, OLD.version(), Duration.ofMillis(500));
    }

    VmCommand report(VmFact fact) {
        return new VmCommand.Report(HOST, stamp(), fact);
    }

    FactStamp stamp() {
        return new FactStamp(1, ++sequence);
    }

    VmCommand started(Generation g) {
        return report(new VmFact.Started(g, OLD, process(1)));
    }

    VmCommand ready(Generation g) {
        return report(new VmFact.Ready(g));
    }

    VmCommand upgraded(Generation g) {
        var pause = new Pause.Measured(Duration.ofMillis(12));
        return report(new VmFact.Ended(g, new Outcome.Upgraded(pause, NEW, process(2), Outcome.Footprint.UNKNOWN)));
    }

    VmCommand alive(Generation g) {
        return report(new VmFact.HealthSeen(g, Health.ALIVE, "beat 17"));
    }

    static QemuProcess process(int pid) {
        return new QemuProcess("boot", pid, 100L + pid, "/run/qmp-" + pid);
    }

    /** Any command, more or less fitting for {@code vm}; late and early ones too. */
    VmCommand any(Random random, VmState vm) {
        Generation g = random.nextInt(8) == 0 ? vm.generation().next() : vm.generation();
        return switch (random.nextInt(16)) {
            case 0, 1 -> start();
            case 2 -> started(g);
            case 3, 4 -> upgrade(vm.attemptNumber() + random.nextInt(2));
            case 5, 6 -> ready(g);
            case 7, 8 -> upgraded(g);
            case 9 -> alive(g);
            case 10 ->
                report(new VmFact.Ended(g, new Outcome.AsItWas(new Pause.None(), "REFUSED", "it said no", true)));
            case 11 -> new VmCommand.DeadlinePassed(g, PHASES.get(random.nextInt(PHASES.size())));
            case 12 -> report(new VmFact.Refused(g, Refusal.of("NO", "no", "none")));
            case 13 ->
                random.nextBoolean() ? new VmCommand.Hold("mine", Actor.LOCAL) : new VmCommand.Unhold(Actor.LOCAL);
            case 14 -> report(new VmFact.Exited("GONE_BY_ITSELF", "it ended"));
            default -> report(new VmFact.Closed(g));
        };
    }
}
