package dev.neurath.model.explorer;

import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.HandOver.ContProof;
import dev.neurath.model.handover.HandOverRules;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.Recovery;
import dev.neurath.model.handover.Recovery.Row;
import dev.neurath.model.handover.Recovery.When;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.VmRules;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The product's rules with one thing wrong: those that the protocol names, and those that can be made mechanically from its tables. */
final class Mutants {
    private Mutants() {}

    /** Every one of these was once a design that looked right. */
    static List<Variant> named() {
        var all = new ArrayList<Variant>();
        for (Flaw flaw : Flaw.values()) {
            all.add(Variant.flawed(flaw));
        }
        all.add(edited("thaw without UNDO", "8n", row -> steps(row, List.of(Step.KILL_NEW, Step.THAW_OLD))));
        all.add(edited(
                "UNDO after cancel",
                "4",
                row -> steps(row, List.of(Step.CANCEL_OLD, Step.LOG_UNDO, Step.KILL_NEW, Step.WAIT))));
        all.add(edited("cont old before new is dead", "6", row -> steps(row, without(row.steps(), Step.KILL_NEW))));
        all.add(edited("row 12 ignoring SHUTDOWN", "12s", row -> null));
        all.add(edited(
                "row 6b sent to LOST",
                "6b",
                row -> new Row(
                        row.number(),
                        row.marks(),
                        row.old(),
                        row.fresh(),
                        row.when(),
                        List.of(),
                        Optional.of(Ending.LOST))));
        all.add(Variant.withSteps(
                "`cont` of new when staging times out",
                (now, input) -> now.step() == Step.AWAIT_STAGED && input instanceof Input.Failed
                        ? at(now, Step.LOG_COMMIT)
                        : HandOverRules.next(now, input)));
        all.add(Variant.withSteps(
                "`cont` of old when new does not answer in time",
                (now, input) -> now.step() == Step.AWAIT_RUNNING && input instanceof Input.Failed
                        ? at(HandOverRules.next(now, input), Step.LOG_UNDO)
                        : HandOverRules.next(now, input)));
        return all;
    }

    /** From the recovery table: rows and steps dropped, neighbours swapped, guards negated, sets shrunk. */
    static List<Variant> ofRecovery() {
        var all = new ArrayList<Variant>();
        for (Row row : Recovery.TABLE) {
            String n = "row " + row.number() + ": ";
            all.add(edited(n + "dropped", row.number(), r -> null));
            for (int i = 0; i < row.steps().size(); i++) {
                int at = i;
                all.add(edited(n + "without " + row.steps().get(i).label(), row.number(), r -> {
                    var steps = new ArrayList<>(r.steps());
                    steps.remove(at);
                    return steps(r, steps);
                }));
                if (i + 1 < row.steps().size()) {
                    all.add(edited(
                            n + row.steps().get(i + 1).label() + " before "
                                    + row.steps().get(i).label(),
                            row.number(),
                            r -> {
                                var steps = new ArrayList<>(r.steps());
                                steps.add(at, steps.remove(at + 1));
                                return steps(r, steps);
                            }));
                }
            }
            if (row.when() != When.ALWAYS) {
                all.add(edited(n + "guard always true", row.number(), r -> when(r, When.ALWAYS)));
                all.add(negated(n + "guard negated", row));
            }
            for (Mark mark : row.marks()) {
                all.add(edited(
                        n + "not for " + mark,
                        row.number(),
                        r -> new Row(
                                r.number(),
                                less(r.marks(), mark),
                                r.old(),
                                r.fresh(),
                                r.when(),
                                r.steps(),
                                r.ending())));
            }
            for (OldStatus old : row.old()) {
                all.add(edited(
                        n + "not for old " + old,
                        row.number(),
                        r -> new Row(
                                r.number(),
                                r.marks(),
                                less(r.old(), old),
                                r.fresh(),
                                r.when(),
                                r.steps(),
                                r.ending())));
            }
            for (NewStatus fresh : row.fresh()) {
                all.add(edited(
                        n + "not for new " + fresh,
                        row.number(),
                        r -> new Row(
                                r.number(),
                                r.marks(),
                                r.old(),
                                less(r.fresh(), fresh),
                                r.when(),
                                r.steps(),
                                r.ending())));
            }
        }
        return all;
    }

    static List<Variant> ofVmTable() {
        return VmRules.TABLE.rows().stream().map(Variant::without).toList();
    }

    /** Wherever a record comes before an effect: the effect first. */
    static List<Variant> ofPersistPoints() {
        return List.of(
                swapped(Mark.SWITCH, Step.LOG_SWITCH, EnumSet.of(Step.CONNECT_NEW)),
                swapped(Mark.COMMIT, Step.LOG_COMMIT, EnumSet.of(Step.FREEZE_OLD)),
                swapped(Mark.COMMIT, Step.LOG_COMMIT, EnumSet.of(Step.CONT_NEW)),
                doneAfterPublish());
    }

    /** The record is passed over, the effect is carried out, and then the record is written. */
    private static Variant swapped(Mark mark, Step record, Set<Step> effects) {
        Step effect = effects.iterator().next();
        return Variant.withSteps(effect.label() + " before " + record.label(), (now, input) -> {
            boolean done = input instanceof Input.Done;
            if (now.step() == effect && done && now.mark() != mark && now.trouble() == null) {
                return at(now, record);
            }
            if (now.step() == record && done && now.trouble() == null) {
                HandOver recorded = HandOverRules.next(now, input);
                return recorded.step() == effect || effect == Step.CONT_NEW
                        ? HandOverRules.next(at(recorded, effect), Input.done())
                        : recorded;
            }
            HandOver next = HandOverRules.next(now, input);
            boolean skips = next.step() == record && now.step() != effect && next.trouble() == null;
            return skips ? at(next, effect) : next;
        });
    }

    private static Variant doneAfterPublish() {
        return Variant.withSteps("publish before log-done", (now, input) -> {
            HandOver next = HandOverRules.next(now, input);
            if (next.step() == Step.LOG_DONE && now.step() == Step.RESET_SURVIVOR && next.ending() == Ending.UPGRADED) {
                return at(next, Step.PUBLISH);
            }
            if (now.step() == Step.PUBLISH && now.mark() != Mark.DONE) {
                return at(now, Step.LOG_DONE);
            }
            return now.step() == Step.LOG_DONE && next.step() == Step.PUBLISH ? at(next, Step.REPORT) : next;
        });
    }

    /** The guard is the row's, turned round: the row above it takes what it would have taken, and passes on the rest. */
    private static Variant negated(String name, Row row) {
        var with = new Recovery(Recovery.TABLE);
        var rest = rows(row.number(), r -> null);
        var without = new Recovery(rest);
        var inverted = new Recovery(rows(row.number(), r -> when(r, When.ALWAYS)));
        return new Variant(
                name,
                with,
                (now, input) -> {
                    if (input instanceof Input.Observed look && look.sides().sameBoot()) {
                        boolean taken = with.match(now, look.sides()).number().equals(row.number());
                        return HandOverRules.next(taken ? without : inverted, now, input);
                    }
                    return HandOverRules.next(now, input);
                },
                null,
                Set.of());
    }

    private interface Edit {
        /** @return null to drop the row */
        @Nullable
        Row apply(Row row);
    }

    private static Variant edited(String name, String number, Edit edit) {
        return Variant.withRows(name, rows(number, edit));
    }

    private static List<Row> rows(String number, Edit edit) {
        var rows = new ArrayList<Row>();
        for (Row row : Recovery.TABLE) {
            Row edited = row.number().equals(number) ? edit.apply(row) : row;
            if (edited != null) {
                rows.add(edited);
            }
        }
        return rows;
    }

    private static Row steps(Row r, List<Step> steps) {
        return new Row(r.number(), r.marks(), r.old(), r.fresh(), r.when(), steps, r.ending());
    }

    private static Row when(Row r, When when) {
        return new Row(r.number(), r.marks(), r.old(), r.fresh(), when, r.steps(), r.ending());
    }

    private static <E extends Enum<E>> Set<E> less(Set<E> set, E one) {
        Set<E> rest = EnumSet.copyOf(set);
        rest.remove(one);
        return rest;
    }

    private static List<Step> without(List<Step> steps, Step one) {
        return steps.stream().filter(s -> s != one).toList();
    }

    private static HandOver at(HandOver h, Step step) {
        return new HandOver(
                h.generation(),
                h.role(),
                h.method(),
                step,
                h.mark(),
                h.switched(),
                h.closing(),
                step == Step.LOG_UNDO ? ContProof.NONE : h.proof(),
                h.cancelSent(),
                h.waits(),
                h.trouble(),
                h.ending());
    }
}
