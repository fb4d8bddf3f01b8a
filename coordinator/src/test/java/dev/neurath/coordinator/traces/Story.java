package dev.neurath.coordinator.traces;

import dev.neurath.codec.VmCodec;
import dev.neurath.coordinator.fleet.VmChanges;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The events of one VM, by a clock that the test moves, and the same ones again for whoever reads them later. Whoever is told goes through the real state machine. */
final class Story {
    static final FleetId FLEET = new FleetId("eu-1");
    static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final QemuProcess PROCESS = new QemuProcess("boot", 41, 7, "/qmp");

    private final List<Change> changes = new ArrayList<>();
    private final VmChanges told;
    private VmEntry vm;
    private Instant now;
    private long generation = 1;

    private record Change(VmEntry before, VmEvent event, VmEntry after) {}

    /** Of a VM that was started at {@link #NOON}. */
    Story(String id, VmChanges told) {
        this(id, NOON, told);
    }

    Story(String id, Instant started, VmChanges told) {
        this.told = told;
        this.now = started;
        this.vm = VmEntry.absent(new VmId(id), started);
        happens(new VmEvent.StartOrdered(
                VmCodec.decode(TestFleet.spec(id)), new HostId("h1"), new Generation(1), new Actor("me")));
        happens(new VmEvent.Started(revision("qemu-10", "10.0.2"), PROCESS, stamp()));
    }

    Story after(long millis) {
        now = now.plusMillis(millis);
        return this;
    }

    Instant now() {
        return now;
    }

    Story happens(VmEvent event) {
        VmEntry after = vm.and(changes.size() + 1, event, now);
        changes.add(new Change(vm, event, after));
        told.changed(vm, event, after);
        vm = after;
        return this;
    }

    /** What has happened since the {@code from}th event, once more. */
    void retell(int from, VmChanges listener) {
        changes.subList(from, changes.size())
                .forEach(change -> listener.changed(change.before(), change.event(), change.after()));
    }

    int length() {
        return changes.size();
    }

    Story begun(String rollout, String release) {
        return begun(rollout, release, Rehearsal.NONE);
    }

    Story begun(String rollout, String release, Rehearsal rehearsal) {
        generation++;
        var attempt = new Attempt(
                g(),
                new RolloutId(rollout),
                2,
                new ReleaseId(release),
                Method.CPR_TRANSFER,
                "10.0.2",
                Duration.ofSeconds(1),
                rehearsal);
        return happens(new VmEvent.UpgradeBegun(attempt, (int) (generation * 10)));
    }

    /** As the VM's actor persists them: both at once. */
    Story prepared() {
        return happens(new VmEvent.Prepared(g(), stamp())).happens(new VmEvent.SwitchAuthorized(g()));
    }

    Story handedOver(Pause pause, String release, String version) {
        return happens(new VmEvent.HandedOver(
                g(), pause, revision(release, version), PROCESS, Outcome.Footprint.UNKNOWN, stamp()));
    }

    Story verified() {
        return happens(new VmEvent.Verified(g(), Health.ALIVE, "3 beats", stamp()));
    }

    Story silent() {
        return happens(new VmEvent.GuestSilent(g(), "no beat", stamp()));
    }

    Story rolledBack(Pause pause, String reason) {
        boolean reachedSwitching = vm.state().phase() != VmPhase.PREPARING;
        return happens(new VmEvent.RolledBack(g(), pause, reason, "It said no.", reachedSwitching, stamp()));
    }

    Story refused() {
        return happens(new VmEvent.UpgradeRefused(g(), Refusal.of("JOB_ACTIVE", "A block job runs.", "wait"), stamp()));
    }

    Story closed() {
        return happens(new VmEvent.AttemptClosed(g(), stamp()));
    }

    Story contactLost() {
        return happens(new VmEvent.ContactLost(g(), vm.state().phase()));
    }

    Story lost() {
        return happens(new VmEvent.Lost(g(), "Both are dead.", stamp()));
    }

    Story doubleRun() {
        return happens(new VmEvent.DoubleRunFound(g(), "Both run.", stamp()));
    }

    Story ended() {
        return happens(new VmEvent.Ended("SHUTDOWN", "Its owner.", stamp()));
    }

    Story hostDead() {
        return happens(new VmEvent.HostDeclaredDead(new HostId("h1"), "It burnt.", new Actor("me")));
    }

    static Pause measured(long millis) {
        return new Pause.Measured(Duration.ofMillis(millis));
    }

    private Generation g() {
        return new Generation(generation);
    }

    private FactStamp stamp() {
        return new FactStamp(1, changes.size() + 1L);
    }

    private static Revision revision(String release, String version) {
        return new Revision(new ReleaseId(release), version, "00");
    }
}
