package dev.neurath.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmFact;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FactOutboxTest {
    private static final VmId VM = new VmId("vm1");
    private static final VmFact EXITED = new VmFact.Exited("SHUT_DOWN", "The guest shut itself down.");
    private static final VmFact STARTED = new VmFact.Started(
            new Generation(2),
            new Revision(new ReleaseId("qemu-10"), "10.0.2", "aa"),
            new QemuProcess("boot", 17, 1, "/door"));

    private final FactOutbox outbox = new FactOutbox(1);

    private List<VmFact> waiting() {
        return outbox.waiting().stream().map(FactOutbox.Entry::fact).toList();
    }

    @Test
    void that_the_vm_is_over_is_its_last_word() {
        outbox.report(VM, EXITED);
        outbox.report(VM, STARTED);
        assertThat(waiting()).containsExactly(STARTED, EXITED);
    }

    @Test
    void the_end_of_a_former_process_is_not_told_of_a_vm_that_was_started_anew() {
        outbox.report(VM, EXITED);
        outbox.forgetExit(VM);
        outbox.report(VM, STARTED);
        assertThat(waiting()).containsExactly(STARTED);
    }

    @Test
    void what_was_acknowledged_is_forgotten_and_nothing_else() {
        outbox.report(VM, STARTED);
        outbox.report(VM, EXITED);
        outbox.acknowledge(VM, outbox.waiting().getFirst().stamp());
        assertThat(waiting()).containsExactly(EXITED);
    }

    /** Stamped anew, the outcome would be the newest word, and the health that follows from it would be taken for old and dropped: the VM would verify for ever. */
    @Test
    void what_is_told_again_is_sent_again_and_keeps_its_place() {
        var health = new VmFact.HealthSeen(new Generation(2), Health.UNKNOWN, "no probe");
        outbox.report(VM, STARTED);
        outbox.report(VM, health);
        List<FactOutbox.Entry> before = outbox.waiting();
        var sent = new ArrayList<FactOutbox.Entry>();
        outbox.sendTo(sent::add);
        outbox.report(VM, STARTED);
        assertThat(outbox.waiting()).isEqualTo(before);
        assertThat(sent).containsExactly(before.getFirst());
    }
}
