package dev.neurath.model.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.IllegalEvent;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of one VM: the fold of its events. It changes in {@link #evolve} and nowhere else; replay and live use the same.
 *
 * @param generation the highest ever given to an order for this VM
 * @param adoption where it comes from if somebody else started it; null if we did
 * @param attempt the attempt in flight, or the last one
 * @param attemptNumber of the highest attempt ever asked for: the number of its budget token, so what is lower is a stale order
 * @param pause of the attempt in flight or the last one; null until its agent told
 * @param lastEnd how the last attempt ended; null while one is in flight and before the first
 * @param hold the owner's reason, or null
 * @param trouble why it is QUARANTINED, LOST or GONE, or null
 * @param stamp of the newest fact that became an event
 */
public record VmState(
        VmId id,
        VmPhase phase,
        Generation generation,
        @Nullable VmSpec spec,
        @Nullable HostId host,
        @Nullable Revision revision,
        @Nullable QemuProcess process,
        @Nullable Adoption adoption,
        @Nullable Attempt attempt,
        int attemptNumber,
        @Nullable Pause pause,
        @Nullable VmEvent lastEnd,
        @Nullable String hold,
        @Nullable String trouble,
        FactStamp stamp) {

    public static VmState initial(VmId id) {
        return new VmState(
                id,
                VmPhase.ABSENT,
                Generation.NONE,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                null,
                null,
                null,
                null,
                FactStamp.NONE);
    }

    public VmState evolve(VmEvent event) {
        if (event instanceof VmEvent.HoldPlaced placed) {
            return with(b -> b.hold = placed.reason());
        }
        if (event instanceof VmEvent.HoldLifted) {
            return with(b -> b.hold = null);
        }
        VmPhase to = VmRules.TABLE
                .find(phase, event)
                .orElseThrow(() -> new IllegalEvent("VM " + id, phase, event))
                .to();
        return with(b -> {
            b.phase = to;
            b.apply(event);
        });
    }

    /** @return true while an attempt is in flight: a budget token is held for it */
    public boolean inFlight() {
        return switch (phase) {
            case PREPARING, READY, SWITCHING, VERIFYING, UNCERTAIN -> true;
            case ABSENT, STARTING, STEADY, QUARANTINED, STOPPING, GONE, LOST -> false;
        };
    }

    /** @return true if this VM's attempt is the one that {@code command} asks for, in flight or ended */
    boolean isAttempt(VmCommand.Upgrade command) {
        return attempt != null
                && attempt.rollout().equals(command.rollout())
                && attempt.wave() == command.wave()
                && attemptNumber == command.attemptNumber();
    }

    boolean runs(ReleaseId release) {
        return revision != null && revision.release().equals(release);
    }

    private VmState with(java.util.function.Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A mutable copy, alive only within {@link #evolve}. */
    private static final class Draft {
        private final VmId id;
        private VmPhase phase;
        private Generation generation;
        private @Nullable VmSpec spec;
        private @Nullable HostId host;
        private @Nullable Revision revision;
        private @Nullable QemuProcess process;
        private @Nullable Adoption adoption;
        private @Nullable Attempt attempt;
        private int attemptNumber;
        private @Nullable Pause pause;
        private @Nullable VmEvent lastEnd;
        private @Nullable String hold;
        private @Nullable String trouble;
        private FactStamp stamp;

        private Draft(VmState s) {
            id = s.id;
            phase = s.phase;
            generation = s.generation;
            spec = s.spec;
            host = s.host;
            revision = s.revision;
            process = s.process;
            adoption = s.adoption;
            attempt = s.attempt;
            attemptNumber = s.attemptNumber;
            pause = s.pause;
            lastEnd = s.lastEnd;
            hold = s.hold;
            trouble = s.trouble;
            stamp = s.stamp;
        }

        private VmState finish() {
            return new VmState(
                    id,
                    phase,
                    generation,
                    spec,
                    host,
                    revision,
                    process,
                    adoption,
                    attempt,
                    attemptNumber,
                    pause,
                    lastEnd,
                    hold,
                    trouble,
                    stamp);
        }

        private void apply(VmEvent event) {
            switch (event) {
                case VmEvent.StartOrdered e -> begins(e.spec(), e.host(), e.generation(), null);
                case VmEvent.AdoptOrdered e -> begins(e.spec(), e.host(), e.generation(), e.adoption());
                case VmEvent.Started e -> {
                    runsNow(e.revision(), e.process());
                    stamp = e.stamp();
                }
                case VmEvent.StartFailed e -> {
                    trouble = e.refusal().code();
                    stamp = e.stamp();
                }
                case VmEvent.UpgradeBegun e -> {
                    attempt = e.attempt();
                    attemptNumber = e.attemptNumber();
                    generation = e.attempt().generation();
                    pause = null;
                    lastEnd = null;
                }
                case VmEvent.Prepared e -> stamp = e.stamp();
                case VmEvent.SwitchAuthorized e -> {}
                case VmEvent.UpgradeRefused e -> end(e, e.stamp());
                case VmEvent.HandedOver e -> {
                    runsNow(e.revision(), e.process());
                    pause = e.pause();
                    stamp = e.stamp();
                }
                case VmEvent.RolledBack e -> {
                    pause = e.pause();
                    end(e, e.stamp());
                }
                case VmEvent.AttemptClosed e -> end(e, e.stamp());
                case VmEvent.ContactLost e -> {}
                case VmEvent.Verified e -> end(e, e.stamp());
                case VmEvent.GuestSilent e -> {
                    trouble = "GUEST_SILENT";
                    end(e, e.stamp());
                }
                case VmEvent.DoubleRunFound e -> {
                    trouble = "DOUBLE_RUN";
                    end(e, e.stamp());
                }
                case VmEvent.Ended e -> {
                    process = null;
                    trouble = e.reason();
                    end(e, e.stamp());
                }
                case VmEvent.Lost e -> {
                    process = null;
                    trouble = "LOST";
                    end(e, e.stamp());
                }
                case VmEvent.StopOrdered e -> generation = e.generation();
                case VmEvent.Released e -> trouble = null;
                case VmEvent.HostDeclaredDead e -> {
                    process = null;
                    trouble = "GONE_WITH_HOST";
                    end(e, stamp);
                }
                case VmEvent.RevisionSeen e -> {
                    runsNow(e.revision(), e.process());
                    // A journal older than its agents (a restored backup) would give out generations that they refuse
                    // for ever.
                    generation = e.highest().isAfter(generation) ? e.highest() : generation;
                    stamp = e.stamp();
                }
                case VmEvent.HoldPlaced e -> hold = e.reason();
                case VmEvent.HoldLifted e -> hold = null;
            }
        }

        private void begins(VmSpec newSpec, HostId newHost, Generation newGeneration, @Nullable Adoption newAdoption) {
            if (!newHost.equals(host)) {
                // Another agent counts from its own beginning; measured by the old one's stamps it would be late for
                // ever.
                stamp = FactStamp.NONE;
            }
            spec = newSpec;
            host = newHost;
            generation = newGeneration;
            adoption = newAdoption;
            revision = null;
            process = null;
            attempt = null;
            pause = null;
            lastEnd = null;
            trouble = null;
        }

        private void runsNow(Revision newRevision, QemuProcess newProcess) {
            revision = newRevision;
            process = newProcess;
        }

        private void end(VmEvent event, FactStamp newStamp) {
            stamp = newStamp;
            if (attempt != null && lastEnd == null) {
                lastEnd = event;
            }
        }
    }
}
