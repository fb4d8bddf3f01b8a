package dev.neurath.coordinator.feed;

import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import java.time.Duration;
import java.util.Locale;

/** One sentence per kind of VM event. */
public final class VmSentences {
    private VmSentences() {}

    public static Sentence of(VmId vm, VmEvent event) {
        return switch (event) {
            case VmEvent.StartOrdered e ->
                Sentence.info("VM %s is to be started on host %s with release %s."
                                .formatted(vm, e.host(), e.spec().release()))
                        .by(e.by().name());
            case VmEvent.AdoptOrdered e ->
                Sentence.info("VM %s, pid %d on host %s, is to be adopted."
                                .formatted(vm, e.adoption().process().pid(), e.host()))
                        .by(e.by().name());
            case VmEvent.Started e ->
                Sentence.info("VM %s runs on QEMU %s, pid %d."
                        .formatted(vm, e.revision().version(), e.process().pid()));
            case VmEvent.StartFailed e -> refused("VM %s was not started or adopted".formatted(vm), e.refusal());
            case VmEvent.UpgradeBegun e ->
                Sentence.info("Attempt %d to hand VM %s over from QEMU %s to release %s by %s has begun."
                                .formatted(
                                        e.attemptNumber(),
                                        vm,
                                        e.attempt().fromVersion(),
                                        e.attempt().release(),
                                        e.attempt().method()))
                        .by("rollout/" + e.attempt().rollout());
            case VmEvent.Prepared e -> Sentence.info("The second QEMU of VM %s stands ready.".formatted(vm));
            case VmEvent.SwitchAuthorized e ->
                Sentence.info(
                        "The agent may switch VM %s: from here on it alone decides which QEMU goes on.".formatted(vm));
            case VmEvent.UpgradeRefused e ->
                refused("The hand-over of VM %s was refused before the guest was touched".formatted(vm), e.refusal());
            case VmEvent.HandedOver e ->
                Sentence.info("VM %s runs on QEMU %s, pid %d; %s."
                        .formatted(vm, e.revision().version(), e.process().pid(), of(e.pause())));
            case VmEvent.RolledBack e ->
                Sentence.warning(
                        e.reason(),
                        "VM %s goes on as it was (%s): %s".formatted(vm, of(e.pause()), dotted(e.sentence())));
            case VmEvent.AttemptClosed e ->
                Sentence.warning(
                        "ATTEMPT_CLOSED",
                        "The attempt on VM %s never touched it and never will; it goes on as it was.".formatted(vm));
            case VmEvent.ContactLost e ->
                Sentence.warning(
                        "CONTACT_LOST",
                        "Nothing was heard of VM %s while %s: its agent is asked, and the attempt fenced."
                                .formatted(vm, e.during()));
            case VmEvent.Verified e -> verified(vm, e);
            case VmEvent.GuestSilent e ->
                Sentence.error(
                        "GUEST_SILENT",
                        "VM %s runs on the new QEMU, and its guest has given no sign of life: %s"
                                .formatted(vm, dotted(e.evidence())));
            case VmEvent.DoubleRunFound e ->
                Sentence.error(
                        "DOUBLE_RUN",
                        "Both QEMUs of VM %s were found running, both are frozen: %s"
                                .formatted(vm, dotted(e.sentence())));
            case VmEvent.Ended e -> Sentence.warning(e.reason(), "VM %s ended: %s".formatted(vm, dotted(e.sentence())));
            case VmEvent.Lost e ->
                Sentence.error(
                        "LOST",
                        "VM %s is lost, its memory is kept as evidence: %s".formatted(vm, dotted(e.sentence())));
            case VmEvent.StopOrdered e ->
                Sentence.info("VM %s is to be stopped.".formatted(vm)).by(e.by().name());
            case VmEvent.HoldPlaced e ->
                Sentence.info("HELD_BY_OWNER", "VM %s is held: %s".formatted(vm, dotted(e.reason())))
                        .by(e.by().name());
            case VmEvent.HoldLifted e ->
                Sentence.info("VM %s is not held any more.".formatted(vm)).by(e.by().name());
            case VmEvent.Released e ->
                Sentence.info("VM %s was looked at and released.".formatted(vm)).by(e.by().name());
            case VmEvent.HostDeclaredDead e ->
                Sentence.error(
                                "GONE_WITH_HOST",
                                "VM %s is gone with host %s, which was declared dead: %s"
                                        .formatted(vm, e.host(), dotted(e.evidence())))
                        .by(e.by().name());
            case VmEvent.RevisionSeen e ->
                Sentence.warning(
                        "CHANGED_OUTSIDE",
                        "VM %s was found running QEMU %s, pid %d, which no attempt had put there."
                                .formatted(
                                        vm, e.revision().version(), e.process().pid()));
        };
    }

    /** @return for example {@code the guest was stopped for 6.2 ms} */
    public static String of(Pause pause) {
        return switch (pause) {
            case Pause.None p -> "the guest was never stopped";
            case Pause.Measured p -> "the guest was stopped for %s ms".formatted(millis(p.duration()));
            case Pause.Unknown p ->
                "the guest was stopped for an unknown time, at least %s ms".formatted(millis(p.atLeast()));
        };
    }

    static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toNanos() / 1e6);
    }

    static Sentence refused(String what, Refusal refusal) {
        return Sentence.warning(refusal.code(), "%s: %s".formatted(what, dotted(refusal.sentence())));
    }

    static String dotted(String sentence) {
        String text = sentence.strip();
        return text.isEmpty() || text.endsWith(".") ? text : text + ".";
    }

    private static Sentence verified(VmId vm, VmEvent.Verified e) {
        String evidence = e.evidence().isBlank() ? "" : " (" + e.evidence().strip() + ")";
        return e.health() == Health.ALIVE
                ? Sentence.info("The guest of VM %s is alive%s.".formatted(vm, evidence))
                : Sentence.info(
                        "HEALTH_UNKNOWN",
                        "Whether the guest of VM %s is alive cannot be told from outside%s.".formatted(vm, evidence));
    }
}
