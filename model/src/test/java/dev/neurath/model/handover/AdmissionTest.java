package dev.neurath.model.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.handover.Admission.Ledger;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmOrder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of an order of generation 5, whatever the agent knows of the VM. */
final class AdmissionTest {
    private static final Generation FIVE = new Generation(5);

    @Test
    void every_order_has_its_verdict_whatever_is_known() {
        assertThat(verdicts()).isEqualTo("""
                                             Prepare     late        Switch      late        Resolve
                5 is new                     Begin       Refuse      Close       Close       Close
                5 is new, the VM is not here Refuse      Refuse      Close       Close       Close
                5 is being begun, FLOOR is 4 Attach      Attach      Attach      Attach      Settle
                5 is being prepared          Attach      Attach      Attach      Attach      Settle
                5 stands ready               Attach      Attach      Switch      Settle      Settle
                5 switches                   Attach      Attach      Attach      Attach      Settle
                5 writes its outcome         Attach      Attach      Attach      Attach      Settle
                5 is recorded                Repeat      Repeat      Repeat      Repeat      Repeat
                5 is reported                Repeat      Repeat      Repeat      Repeat      Repeat
                5 is over                    Repeat      Repeat      Repeat      Repeat      Repeat
                5 was closed                 Close       Close       Close       Close       Close
                4 stands ready               SettleOlder SettleOlder SettleOlder SettleOlder SettleOlder
                4 is recorded                SettleOlder SettleOlder SettleOlder SettleOlder SettleOlder
                4 is reported                Begin       Refuse      Close       Close       Close
                6 stands ready               Repeat      Repeat      Repeat      Repeat      Repeat
                6 is over                    Close       Close       Close       Close       Close
                """);
    }

    @Test
    void a_refusal_says_why() {
        assertThat(Admission.admit(ledger(false, 4, null, 0), prepare(), true))
                .isInstanceOfSatisfying(
                        Admission.Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().code()).isEqualTo("VM_NOT_HERE"));
        assertThat(Admission.admit(ledger(true, 4, null, 0), prepare(), true))
                .isInstanceOfSatisfying(
                        Admission.Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().code()).isEqualTo("ORDER_TOO_LATE"));
    }

    private static String verdicts() {
        var known = new LinkedHashMap<String, Ledger>();
        known.put("5 is new", ledger(true, 4, null, 4));
        known.put("5 is new, the VM is not here", ledger(false, 4, null, 0));
        known.put("5 is being begun, FLOOR is 4", ledger(true, 4, open(5, Step.LOG_BEGIN, Mark.BEGIN), 0));
        known.put("5 is being prepared", ledger(true, 5, open(5, Step.CHECK_NEW, Mark.BEGIN), 0));
        known.put("5 stands ready", ledger(true, 5, open(5, Step.HOLD_READY, Mark.BEGIN), 0));
        known.put("5 switches", ledger(true, 5, open(5, Step.AWAIT_STAGED, Mark.SWITCH), 0));
        known.put("5 writes its outcome", ledger(true, 5, open(5, Step.LOG_DONE, Mark.COMMIT), 0));
        known.put("5 is recorded", ledger(true, 5, open(5, Step.PUBLISH, Mark.DONE), 5));
        known.put("5 is reported", ledger(true, 5, open(5, Step.REPORT, Mark.DONE), 5));
        known.put("5 is over", ledger(true, 5, null, 5));
        known.put("5 was closed", ledger(true, 5, null, 4));
        known.put("4 stands ready", ledger(true, 4, open(4, Step.HOLD_READY, Mark.BEGIN), 0));
        known.put("4 is recorded", ledger(true, 4, open(4, Step.PUBLISH, Mark.DONE), 4));
        known.put("4 is reported", ledger(true, 4, open(4, Step.REPORT, Mark.DONE), 4));
        known.put("6 stands ready", ledger(true, 6, open(6, Step.HOLD_READY, Mark.BEGIN), 5));
        known.put("6 is over", ledger(true, 6, null, 6));
        Map<String, Function<Ledger, Admission.Verdict>> orders = new LinkedHashMap<>();
        orders.put("Prepare", vm -> Admission.admit(vm, prepare(), false));
        orders.put("late", vm -> Admission.admit(vm, prepare(), true));
        orders.put("Switch", vm -> Admission.admit(vm, new VmOrder.Switch(FIVE), false));
        orders.put("late ", vm -> Admission.admit(vm, new VmOrder.Switch(FIVE), true));
        orders.put("Resolve", vm -> Admission.admit(vm, new VmOrder.Resolve(FIVE), false));
        var out = new StringBuilder("%-29s".formatted(""));
        orders.keySet().forEach(name -> out.append("%-12s".formatted(name.strip())));
        newLine(out);
        known.forEach((situation, ledger) -> {
            out.append("%-29s".formatted(situation));
            orders.values()
                    .forEach(order -> out.append(
                            "%-12s".formatted(order.apply(ledger).getClass().getSimpleName())));
            newLine(out);
        });
        return out.toString();
    }

    private static void newLine(StringBuilder out) {
        while (out.charAt(out.length() - 1) == ' ') {
            out.setLength(out.length() - 1);
        }
        out.append('\n');
    }

    private static Ledger ledger(boolean present, int floor, @Nullable HandOver open, int done) {
        return new Ledger(present, new Generation(floor), open, done == 0 ? null : new Generation(done));
    }

    private static HandOver open(int generation, Step step, Mark mark) {
        return HandOver.begin(new Generation(generation), Role.HAND_OVER, Method.SHARED_RAM)
                .marked(mark)
                .at(step);
    }

    private static VmOrder prepare() {
        return new VmOrder.Prepare(
                FIVE,
                new Attempt(
                        FIVE,
                        new RolloutId("r-1"),
                        0,
                        new ReleaseId("new"),
                        Method.SHARED_RAM,
                        "1.0",
                        Duration.ofMillis(300)));
    }
}
