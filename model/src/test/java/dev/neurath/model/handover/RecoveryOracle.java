package dev.neurath.model.handover;

import dev.neurath.model.Generation;
import dev.neurath.model.handover.HandOver.ContProof;
import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * recover() said a second time and in another way: from what old is, not by rows in an order. It shares no table, no set of statuses and no guard with
 * {@link Recovery}, so whatever is dropped, shrunk, swapped or negated there makes the two differ somewhere.
 */
public final class RecoveryOracle {
    /** At least as many looks as a load without a sender is given. */
    private static final int MANY_LOOKS = 8;

    private RecoveryOracle() {}

    /** What is known and seen when the table is asked. */
    record Situation(HandOver now, Sides sides) {}

    /** Every one that there is. */
    static List<Situation> everySituation() {
        var all = new ArrayList<Situation>();
        for (Mark mark : EnumSet.complementOf(EnumSet.of(Mark.DONE))) {
            for (boolean switched : new boolean[] {false, true}) {
                for (Role role : Role.values()) {
                    for (ContProof proof : ContProof.values()) {
                        for (int waits : new int[] {0, MANY_LOOKS - 1, MANY_LOOKS}) {
                            for (boolean cancelSent : new boolean[] {false, true}) {
                                HandOver now = HandOver.recovered(
                                                new Generation(2), role, Method.SHARED_RAM, mark, switched)
                                        .proved(proof)
                                        .withWaits(waits)
                                        .cancelSent(cancelSent);
                                addEveryLook(now, all);
                            }
                        }
                    }
                }
            }
        }
        return all;
    }

    private static void addEveryLook(HandOver now, List<Situation> all) {
        for (OldStatus old : OldStatus.values()) {
            for (NewStatus fresh : NewStatus.values()) {
                for (boolean shutdown : new boolean[] {false, true}) {
                    for (boolean stood : new boolean[] {false, true}) {
                        all.add(new Situation(now, new Sides(true, old, fresh, shutdown, stood)));
                    }
                }
            }
        }
    }

    /** @return the first situation in which {@code rules} do something else than is said here */
    public static Optional<String> disagreement(BiFunction<HandOver, Input, HandOver> rules) {
        for (Situation s : everySituation()) {
            String said;
            try {
                HandOver next = rules.apply(s.now(), new Input.Observed(s.sides()));
                if (next.equals(expected(s))) {
                    continue;
                }
                said = next.toString();
            } catch (IllegalStateException e) {
                said = e.getMessage();
            }
            return Optional.of("%s%nis due %s, and the rules say%n%s".formatted(s, of(s.now(), s.sides()), said));
        }
        return Optional.empty();
    }

    private static HandOver expected(Situation s) {
        Verdict due = of(s.now(), s.sides());
        HandOver looked = s.now().withWaits(waitsAfter(s.now(), s.sides()));
        boolean stopped = s.sides().old() == OldStatus.POST || s.sides().old() == OldStatus.MUTE;
        // What is about to be frozen is not frozen yet: nobody has told new to run.
        if (due.step() == Step.FREEZE_OLD
                && stopped
                && s.sides().fresh() == NewStatus.STAGED
                && s.now().proof() == ContProof.NONE) {
            looked = looked.proved(ContProof.NEVER_SENT);
        }
        return (due.ending() == null ? looked : looked.ended(due.ending())).at(due.step());
    }

    /** What is to be done now: a step, or an ending. */
    record Verdict(
            Step step, @org.jspecify.annotations.Nullable Ending ending) {
        static Verdict step(Step step) {
            return new Verdict(step, null);
        }

        /** A survivor gets its capabilities back before the record. */
        static Verdict end(Ending ending) {
            return switch (ending) {
                case UPGRADED, AS_IT_WAS -> new Verdict(Step.RESET_SURVIVOR, ending);
                case GONE, LOST, GONE_WITH_HOST, DOUBLE_RUN -> new Verdict(Step.LOG_DONE, ending);
            };
        }
    }

    static Verdict of(HandOver now, Sides sides) {
        if (!sides.sameBoot()) {
            return Verdict.end(Ending.GONE_WITH_HOST);
        }
        if (now.mark() == Mark.QUARANTINE) {
            return Verdict.step(Step.FREEZE_BOTH);
        }
        if (sides.fresh() == NewStatus.RUN) {
            return newRan(now, sides);
        }
        return switch (sides.old()) {
            // The guest is its owner's to run or to pause: nothing is continued.
            case RUNNING, HELD -> backBy(now, sides, Verdict.end(Ending.AS_IT_WAS));
            case MIGRATING -> endTheMigration(now, sides);
            // Alive and not frozen: new never ran, whatever the log says.
            case POST ->
                now.mark() == Mark.COMMIT && sides.fresh() == NewStatus.STAGED
                        ? Verdict.step(Step.FREEZE_OLD)
                        : backBy(now, sides, Verdict.step(Step.CONT_OLD));
            case MUTE ->
                now.mark() == Mark.COMMIT ? muteUnderCommit(sides) : backBy(now, sides, Verdict.step(Step.WAIT));
            case FROZEN ->
                now.mark() == Mark.COMMIT ? witness(now, sides) : backBy(now, sides, Verdict.step(Step.THAW_OLD));
            case DEAD -> oldIsDead(now, sides);
        };
    }

    /** @return how many looks at a load without a sender have been taken after this one */
    private static int waitsAfter(HandOver now, Sides sides) {
        boolean loads = sides.sameBoot()
                && sides.old() == OldStatus.DEAD
                && (now.mark() == Mark.SWITCH || now.mark() == Mark.COMMIT || newMayGoOnAfterAll(now, sides))
                && (sides.fresh() == NewStatus.MUTE
                        || (sides.fresh() == NewStatus.LOADING && now.waits() < MANY_LOOKS));
        if (!sides.sameBoot()) {
            return now.waits();
        }
        return loads ? Math.min(MANY_LOOKS, now.waits() + 1) : 0;
    }

    private static Verdict newRan(HandOver now, Sides sides) {
        if (sides.old() == OldStatus.RUNNING) {
            return Verdict.step(Step.LOG_QUARANTINE);
        }
        if (sides.old() != OldStatus.DEAD && sides.old() != OldStatus.FROZEN) {
            return Verdict.step(Step.FREEZE_OLD);
        }
        // Old dies only under COMMIT: a crash after its death must find that new is the guest's.
        if (now.mark() != Mark.COMMIT) {
            return Verdict.step(Step.LOG_COMMIT);
        }
        return sides.old() == OldStatus.DEAD ? Verdict.end(Ending.UPGRADED) : Verdict.step(Step.KILL_OLD);
    }

    private static Verdict endTheMigration(HandOver now, Sides sides) {
        if (now.mark() != Mark.UNDO) {
            return Verdict.step(Step.LOG_UNDO);
        }
        return now.cancelSent() ? backBy(now, sides, Verdict.step(Step.WAIT)) : Verdict.step(Step.CANCEL_OLD);
    }

    /** UNDO first, then new's death, and only then what lets old run. */
    private static Verdict backBy(HandOver now, Sides sides, Verdict last) {
        if (now.mark() != Mark.UNDO) {
            return Verdict.step(Step.LOG_UNDO);
        }
        return sides.fresh() == NewStatus.DEAD ? last : Verdict.step(Step.KILL_NEW);
    }

    private static Verdict muteUnderCommit(Sides sides) {
        return Verdict.step(sides.fresh() == NewStatus.STAGED ? Step.FREEZE_OLD : Step.WAIT);
    }

    /** A frozen old under COMMIT: new may have run, unless this incarnation knows better. */
    private static Verdict witness(HandOver now, Sides sides) {
        if (sides.fresh() == NewStatus.STAGED) {
            return Verdict.step(now.proof() == ContProof.REFUSED ? Step.LOG_UNDO : Step.CONT_NEW);
        }
        if (now.proof() == ContProof.NEVER_SENT || now.proof() == ContProof.REFUSED) {
            return Verdict.step(Step.LOG_UNDO);
        }
        if (sides.fresh() != NewStatus.DEAD) {
            return Verdict.step(Step.WAIT);
        }
        return sides.shutdownSeen() ? Verdict.step(Step.KILL_OLD) : lost(now);
    }

    private static Verdict oldIsDead(HandOver now, Sides sides) {
        if (now.mark() == Mark.UNDO && !newMayGoOnAfterAll(now, sides)) {
            return buried(now, sides);
        }
        return switch (sides.fresh()) {
            case STAGED -> onlyNewIsLeft(now, sides);
            case LOADING, MUTE -> loadWithoutSender(now, sides);
            case BAD, DEAD -> now.mark() == Mark.BEGIN ? killedThen(sides, Ending.GONE) : buried(now, sides);
            case RUN -> throw new IllegalArgumentException("asked before: " + sides);
        };
    }

    /** UNDO forbids new to run because old may have; a dead old that was heard to its end and did not is past that. */
    private static boolean newMayGoOnAfterAll(HandOver now, Sides sides) {
        return now.mark() == Mark.UNDO && sides.oldStood() && !sides.shutdownSeen();
    }

    private static Verdict onlyNewIsLeft(HandOver now, Sides sides) {
        if (sides.shutdownSeen()) {
            return Verdict.step(Step.KILL_NEW);
        }
        if (now.mark() != Mark.COMMIT) {
            return Verdict.step(Step.LOG_COMMIT);
        }
        return Verdict.step(now.proof() == ContProof.REFUSED ? Step.WAIT : Step.CONT_NEW);
    }

    private static Verdict loadWithoutSender(HandOver now, Sides sides) {
        boolean neverAsked = now.mark() == Mark.BEGIN;
        boolean stuck = sides.fresh() == NewStatus.LOADING && now.waits() >= MANY_LOOKS;
        return neverAsked || stuck ? Verdict.step(Step.KILL_NEW) : Verdict.step(Step.WAIT);
    }

    private static Verdict buried(HandOver now, Sides sides) {
        return sides.fresh() != NewStatus.DEAD
                ? Verdict.step(Step.KILL_NEW)
                : sides.shutdownSeen() ? Verdict.end(Ending.GONE) : lost(now);
    }

    private static Verdict killedThen(Sides sides, Ending ending) {
        return sides.fresh() == NewStatus.DEAD ? Verdict.end(ending) : Verdict.step(Step.KILL_NEW);
    }

    /** A guest that was never asked to stop was not lost by us. */
    private static Verdict lost(HandOver now) {
        return Verdict.end(now.switched() ? Ending.LOST : Ending.GONE);
    }
}
