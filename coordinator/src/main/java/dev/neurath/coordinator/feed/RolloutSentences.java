package dev.neurath.coordinator.feed;

import dev.neurath.model.RolloutId;
import dev.neurath.model.rollout.Progress;
import dev.neurath.model.rollout.RolloutEvent;

/** One sentence per kind of rollout event. */
final class RolloutSentences {
    private RolloutSentences() {}

    static Sentence of(RolloutId rollout, RolloutEvent event) {
        return switch (event) {
            case RolloutEvent.Applied e ->
                Sentence.info("Rollout %s (%s) to release %s was started from plan %s: %d VMs in %d waves."
                                .formatted(
                                        rollout,
                                        e.plan().name(),
                                        e.plan().release(),
                                        e.plan().id(),
                                        e.plan().waves().stream()
                                                .mapToInt(wave ->
                                                        wave.assignments().size())
                                                .sum(),
                                        e.plan().waves().size()))
                        .by(e.by().name());
            case RolloutEvent.VmStarted e ->
                Sentence.info("Rollout %s orders attempt %d on VM %s by %s."
                        .formatted(rollout, e.attemptNumber(), e.vm(), e.method()));
            case RolloutEvent.VmEnded e -> ended(rollout, e);
            case RolloutEvent.HopDone e ->
                Sentence.info("Rollout %s has VM %s on the next release of its way: %s"
                        .formatted(rollout, e.vm(), VmSentences.dotted(e.sentence())));
            case RolloutEvent.MethodRefused e ->
                Sentence.warning(
                        e.refusal().code(),
                        "Rollout %s tries VM %s by its next method: %s"
                                .formatted(
                                        rollout,
                                        e.vm(),
                                        VmSentences.dotted(e.refusal().sentence())));
            case RolloutEvent.VmPutBack e ->
                Sentence.warning(
                        e.reason(),
                        "Rollout %s will try VM %s again, whose guest was not touched: %s"
                                .formatted(rollout, e.vm(), VmSentences.dotted(e.sentence())));
            case RolloutEvent.BakeBegun e ->
                Sentence.info(
                        e.manual()
                                ? "Wave %d of rollout %s is done and waits to be promoted.".formatted(e.wave(), rollout)
                                : "Wave %d of rollout %s is done and watched until %s."
                                        .formatted(e.wave(), rollout, e.until()));
            case RolloutEvent.Promoted e ->
                Sentence.info("Wave %d of rollout %s begins.".formatted(e.wave(), rollout))
                        .by(e.by().name());
            case RolloutEvent.Paused e ->
                Sentence.warning(
                                e.code(),
                                "Rollout %s is paused: %s".formatted(rollout, VmSentences.dotted(e.sentence())))
                        .by(e.by().name());
            case RolloutEvent.Resumed e ->
                Sentence.info("Rollout %s goes on.".formatted(rollout)).by(e.by().name());
            case RolloutEvent.AbortBegun e ->
                Sentence.warning(
                                e.code(),
                                "Rollout %s is being ended, nothing new starts: %s"
                                        .formatted(rollout, VmSentences.dotted(e.sentence())))
                        .by(e.by().name());
            case RolloutEvent.Aborted e ->
                Sentence.warning("ABORTED", "Rollout %s is aborted, nothing is in flight.".formatted(rollout));
            case RolloutEvent.Failed e ->
                Sentence.error(e.code(), "Rollout %s failed: %s".formatted(rollout, VmSentences.dotted(e.sentence())));
            case RolloutEvent.Completed e -> Sentence.info("Rollout %s is complete.".formatted(rollout));
            case RolloutEvent.VmsRetried e ->
                Sentence.info("Rollout %s tries %d VMs again."
                                .formatted(rollout, e.vms().size()))
                        .by(e.by().name());
            case RolloutEvent.RevertRequested e ->
                Sentence.warning(
                                "REVERT_REQUESTED",
                                "Rollout %s is to take back what rollout %s upgraded.".formatted(e.rollout(), rollout))
                        .by(e.by().name());
            case RolloutEvent.RevertAnswered e ->
                e.refusal() == null
                        ? Sentence.info(
                                "Rollout %s takes back what rollout %s upgraded.".formatted(e.rollout(), rollout))
                        : VmSentences.refused(
                                "There is no rollout %s that takes back what rollout %s upgraded"
                                        .formatted(e.rollout(), rollout),
                                e.refusal());
        };
    }

    private static Sentence ended(RolloutId rollout, RolloutEvent.VmEnded e) {
        String pause = e.pause() == null ? "" : ", " + VmSentences.of(e.pause());
        String why = e.sentence().isBlank() ? "." : ": " + VmSentences.dotted(e.sentence());
        String text = "Rollout %s: VM %s is %s%s%s".formatted(rollout, e.vm(), e.end(), pause, why);
        if (e.end() == Progress.UPGRADED) {
            return Sentence.info(e.reason(), text);
        }
        return e.end() == Progress.LOST ? Sentence.error(e.reason(), text) : Sentence.warning(e.reason(), text);
    }
}
