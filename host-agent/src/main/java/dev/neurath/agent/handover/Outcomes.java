package dev.neurath.agent.handover;

import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Role;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** What an ended attempt is called in the fleet's words. */
final class Outcomes {
    private Outcomes() {}

    /** What runs the guest now. */
    record Runs(Revision revision, QemuProcess process) {}

    static Runs runs(Trial trial, QemuSide side) {
        var identity = side.identity();
        // The owner's door is the first of them.
        String door = trial.record().getPublicPathsList().stream()
                .map(path -> path.getPublic())
                .findFirst()
                .orElse(side.control().toString());
        return new Runs(
                trial.to(), new QemuProcess(identity.bootId(), identity.pid(), identity.startTimeTicks(), door));
    }

    /** @param pauseLimit of the attempt as it began */
    static Outcome of(
            HandOver attempt, Pause pause, Duration pauseLimit, Outcome.Footprint footprint, Optional<Runs> runs) {
        HandOver.Trouble trouble = attempt.trouble();
        if (attempt.role() == Role.REHEARSAL && attempt.ending() == Ending.AS_IT_WAS) {
            // The guest was stopped and went on; nothing was to be switched.
            boolean nothingLeft = pause instanceof Pause.Measured measured
                    && measured.duration().compareTo(pauseLimit) >= 0;
            if (trouble == null && nothingLeft) {
                return new Outcome.AsItWas(
                        pause,
                        "PAUSE_LIMIT",
                        "The rehearsal, which was passed, took all of the %d ms that the guest may stand still."
                                .formatted(pauseLimit.toMillis()),
                        false);
            }
            return trouble == null
                    ? new Outcome.AsItWas(
                            pause, Rehearsal.PASSED, "A throw-away of the new release took the guest's state.", false)
                    : new Outcome.AsItWas(pause, trouble.code(), trouble.sentence(), false);
        }
        String code = trouble == null ? "NONE" : trouble.code();
        String sentence = trouble == null ? "No trouble was seen." : trouble.sentence();
        return switch (Objects.requireNonNull(attempt.ending(), "ending at DONE")) {
            case UPGRADED ->
                new Outcome.Upgraded(
                        pause, runs.orElseThrow().revision(), runs.orElseThrow().process(), footprint);
            case AS_IT_WAS -> new Outcome.AsItWas(pause, code, sentence, attempt.switched());
            case GONE -> new Outcome.Gone("GONE_BY_ITSELF", "The guest's QEMU ended during the attempt: " + sentence);
            case LOST ->
                new Outcome.Lost("No living process holds the guest's device state; its memory is kept. First seen: "
                        + sentence);
            case GONE_WITH_HOST -> new Outcome.GoneWithHost();
            case DOUBLE_RUN ->
                new Outcome.DoubleRun("Both QEMUs were found running and are frozen. First seen: " + sentence);
        };
    }
}
