package dev.neurath.model.vm;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One VM, driven by commands, the way its actor drives it. */
final class VmFixture {
    static final VmId VM = new VmId("vm-1");
    static final HostId HOST = new HostId("host-1");
    static final HostId OTHER_HOST = new HostId("host-2");
    static final Actor OPERATOR = new Actor("operator");
    static final RolloutId ROLLOUT = new RolloutId("r-1");
    static final ReleaseId OLD = new ReleaseId("old");
    static final ReleaseId NEW = new ReleaseId("new");
    static final Revision ON_OLD = new Revision(OLD, "1.0", "aa");
    static final Revision ON_NEW = new Revision(NEW, "2.0", "bb");
    static final QemuProcess OLD_PROCESS = new QemuProcess("boot", 10, 100, "/run/old");
    static final QemuProcess NEW_PROCESS = new QemuProcess("boot", 11, 200, "/run/new");
    static final Pause PAUSE = new Pause.Measured(Duration.ofMillis(6));
    static final Refusal REFUSAL = Refusal.of("METHOD_NOT_POSSIBLE", "No.", "none");

    private VmState state = VmState.initial(VM);
    private long sequence;

    static VmSpec spec() {
        return new VmSpec(
                VM,
                OLD,
                "pc-q35-1.0",
                "qemu64",
                "tcg",
                1,
                256L << 20,
                List.of(),
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                List.of(),
                Map.of(),
                Duration.ofMillis(500),
                List.of());
    }

    static VmCommand.Adopt adopt(QemuProcess process) {
        return new VmCommand.Adopt(spec(), HOST, new Adoption(process, false), OPERATOR);
    }

    static VmFixture steady() {
        var vm = new VmFixture();
        vm.give(new VmCommand.Start(spec(), HOST, OPERATOR));
        vm.report(new VmFact.Started(vm.generation(), ON_OLD, OLD_PROCESS));
        return vm;
    }

    static VmFixture preparing() {
        var vm = steady();
        vm.give(upgrade(1));
        return vm;
    }

    static VmFixture switching() {
        var vm = preparing();
        vm.report(new VmFact.Ready(vm.generation()));
        return vm;
    }

    static VmFixture verifying() {
        var vm = switching();
        vm.report(new VmFact.Ended(vm.generation(), upgraded()));
        return vm;
    }

    static VmFixture uncertain() {
        var vm = switching();
        vm.give(new VmCommand.DeadlinePassed(vm.generation(), VmPhase.SWITCHING));
        return vm;
    }

    static VmCommand.Upgrade upgrade(int attemptNumber) {
        return new VmCommand.Upgrade(ROLLOUT, 0, attemptNumber, NEW, Method.SHARED_RAM, "1.0", Duration.ofMillis(500));
    }

    static Outcome upgraded() {
        return new Outcome.Upgraded(PAUSE, ON_NEW, NEW_PROCESS, Outcome.Footprint.UNKNOWN);
    }

    static Outcome asItWas() {
        return new Outcome.AsItWas(PAUSE, "NEW_REFUSED_STATE", "It refused.", true);
    }

    VmState state() {
        return state;
    }

    VmPhase phase() {
        return state.phase();
    }

    Generation generation() {
        return state.generation();
    }

    /** Decides and applies, as after a durable append. */
    Decision<VmEvent, VmEffect> give(VmCommand command) {
        Decision<VmEvent, VmEffect> decision = VmRules.decide(state, command);
        if (decision instanceof Decision.Accepted<VmEvent, VmEffect> accepted) {
            for (VmEvent event : accepted.events()) {
                state = state.evolve(event);
            }
        }
        return decision;
    }

    /** A fact with the next stamp, from the VM's own host. */
    Decision<VmEvent, VmEffect> report(VmFact fact) {
        return give(new VmCommand.Report(HOST, nextStamp(), fact));
    }

    FactStamp nextStamp() {
        return new FactStamp(1, ++sequence);
    }

    static List<VmEvent> events(Decision<VmEvent, VmEffect> decision) {
        return decision instanceof Decision.Accepted<VmEvent, VmEffect> accepted ? accepted.events() : List.of();
    }

    static List<VmEffect> effects(Decision<VmEvent, VmEffect> decision) {
        return decision instanceof Decision.Accepted<VmEvent, VmEffect> accepted ? accepted.effects() : List.of();
    }

    static String refusal(Decision<VmEvent, VmEffect> decision) {
        return decision instanceof Decision.Refused<VmEvent, VmEffect> refused
                ? refused.refusal().code()
                : "accepted";
    }
}
