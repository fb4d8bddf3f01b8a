package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.chaos.handover.HeldAgentMain;
import dev.neurath.chaos.handover.JavaProcess;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The agent is killed in the middle of the hand-over of a VM that others started as another user: the next one finds both QEMUs, and brings it to an end. */
@Tag("qemu")
@Timeout(240)
class AdoptedCrashTest extends NobodysHost {
    /** Before the guest stops, while it stands still, after the commit, and before the owner's names are moved. */
    @ParameterizedTest
    @EnumSource(names = {"CHECK_GUEST", "AWAIT_STAGED", "CONT_NEW", "PUBLISH"})
    void an_adopted_vm_whose_agent_dies_is_upgraded_or_as_it_was(Step step) throws Exception {
        List<String> arguments = Stranger.all(
                Stranger.namedMemory(),
                Stranger.qmp(),
                List.of("-vnc", "unix:vnc", "-drive", "file=disk.img,format=raw,if=virtio"));
        try (Stranger stranger = Stranger.startedAs(
                NOBODY, inItsOwnNetwork(AS_NOBODY), place.resolve("dies-" + step.label()), from, arguments)) {
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            endAgent();
            Path holds = Files.createDirectories(place.resolve("state/holds"));
            Path hold = Files.writeString(holds.resolve(adopted.id().value()), step.label());
            JavaProcess held =
                    JavaProcess.start(HeldAgentMain.class.getName(), options(), place.resolve("held-" + step.label()));
            try {
                coordinator.awaitAgent(LIMIT);
                coordinator.command(
                        adopted.id(),
                        new VmCommand.Upgrade(
                                new RolloutId("r-1"),
                                0,
                                1,
                                new ReleaseId(to.getId()),
                                Method.SHARED_RAM,
                                from.getVersion(),
                                Duration.ofSeconds(20),
                                Rehearsal.NONE));
                Path reached = holds.resolve(adopted.id() + ".reached");
                coordinator.await(adopted.id(), vm -> Files.exists(reached), LIMIT);
            } finally {
                held.kill();
                Files.delete(hold);
            }
            restartAgent();
            VmState after = coordinator.await(adopted.id(), vm -> vm.attemptNumber() == 1 && !vm.inFlight(), LIMIT);
            boolean committed = step == Step.CONT_NEW || step == Step.PUBLISH;
            assertThat(after.process().pid() == (int) stranger.pid)
                    .as("%s: %s", step, coordinator.journal())
                    .isEqualTo(!committed);
            if (committed) {
                assertThat(after.lastEnd()).as("%s", step).isInstanceOf(VmEvent.Verified.class);
            }
            stranger.awaitBeats(5);
            stranger.assertAllAnswer(
                    committed ? "\"major\":11" : "\"major\":10", after.process().pid());
            assertThat(stranger.left()).as("%s", step).isEmpty();
        }
    }
}
