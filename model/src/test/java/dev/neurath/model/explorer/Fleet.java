package dev.neurath.model.explorer;

import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The one VM of the explorer's world. It was started under generation 1, so its attempts are generations 2 and 3. Two are enough: nothing in the
 * rules compares a generation with anything but the one in flight, FLOOR and the last DONE, so a third meets no case that the second did not.
 */
final class Fleet {
    static final HostId HOST = new HostId("h1");
    static final RolloutId ROLLOUT = new RolloutId("r1");
    static final Actor HUMAN = new Actor("ann");
    static final Generation FIRST = new Generation(2);

    private Fleet() {}

    static Generation generation(int value) {
        return new Generation(value);
    }

    /** Attempt g brings revision g - 1. */
    static Revision revision(int n) {
        return new Revision(new ReleaseId("release-" + n), "version-" + n, "sha-" + n);
    }

    static QemuProcess process(int n) {
        return new QemuProcess("boot", 100 + n, n, "/qmp/" + n);
    }

    static VmState steady() {
        var spec = new VmSpec(
                new VmId("vm1"),
                new ReleaseId("release-0"),
                "pc-q35-7.2",
                "qemu64",
                "tcg",
                1,
                1 << 21,
                List.of(),
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                List.of(),
                Map.of(),
                Duration.ofSeconds(1),
                List.of());
        return VmState.initial(new VmId("vm1"))
                .evolve(new VmEvent.StartOrdered(spec, HOST, new Generation(1), HUMAN))
                .evolve(new VmEvent.Started(revision(0), process(0), FactStamp.NONE));
    }

    /** As an order names it; the agent's admission reads nothing of it but the generation. */
    static Attempt attempt(Generation g, Method method) {
        int target = (int) g.value() - 1;
        return new Attempt(
                g, ROLLOUT, 0, new ReleaseId("release-" + target), method, "version-0", Duration.ofMillis(300));
    }

    static VmCommand upgrade(VmState vm, Method method) {
        int number = vm.attemptNumber() + 1;
        int target = (int) vm.generation().value();
        return new VmCommand.Upgrade(
                ROLLOUT,
                0,
                number,
                new ReleaseId("release-" + target),
                method,
                vm.revision() == null ? "" : vm.revision().version(),
                Duration.ofMillis(300));
    }
}
