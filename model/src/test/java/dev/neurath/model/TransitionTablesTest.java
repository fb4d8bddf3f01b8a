package dev.neurath.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.host.HostRules;
import dev.neurath.model.rollout.RolloutEvent;
import dev.neurath.model.rollout.RolloutPhase;
import dev.neurath.model.rollout.RolloutRules;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransitionTablesTest {
    @Test
    void the_vm_table_is_whole() {
        var legal = new TableShape.Legal<VmPhase>()
                .event(VmEvent.StartOrdered.class, "one VM id runs once", VmPhase.ABSENT, VmPhase.GONE)
                .event(VmEvent.AdoptOrdered.class, "one VM id runs once", VmPhase.ABSENT, VmPhase.GONE)
                .event(VmEvent.Started.class, "answers the start order", VmPhase.STARTING)
                .event(VmEvent.StartFailed.class, "answers the start order", VmPhase.STARTING)
                .event(VmEvent.UpgradeBegun.class, "waves wait in STEADY", VmPhase.STEADY)
                .event(VmEvent.Prepared.class, "answers Prepare", VmPhase.PREPARING)
                .event(VmEvent.SwitchAuthorized.class, "only what stands ready is switched", VmPhase.READY)
                .event(
                        VmEvent.UpgradeRefused.class,
                        "after the hand-over there is nothing left to refuse",
                        VmPhase.PREPARING,
                        VmPhase.SWITCHING,
                        VmPhase.UNCERTAIN)
                .event(
                        VmEvent.HandedOver.class,
                        "no switch was ordered, or it is over; in PREPARING it waits for UNCERTAIN",
                        VmPhase.SWITCHING,
                        VmPhase.UNCERTAIN)
                .event(
                        VmEvent.RolledBack.class,
                        "no attempt, or it is over",
                        VmPhase.PREPARING,
                        VmPhase.SWITCHING,
                        VmPhase.UNCERTAIN)
                .event(
                        VmEvent.AttemptClosed.class,
                        "no attempt, or it is over",
                        VmPhase.PREPARING,
                        VmPhase.SWITCHING,
                        VmPhase.UNCERTAIN)
                .event(
                        VmEvent.ContactLost.class,
                        "a hand-over that was reported is not lost; orders to start or stop are repeated for ever",
                        VmPhase.PREPARING,
                        VmPhase.SWITCHING)
                .event(VmEvent.Verified.class, "nothing to verify", VmPhase.VERIFYING)
                .event(VmEvent.GuestSilent.class, "silence counts only after a hand-over", VmPhase.VERIFYING)
                .event(VmEvent.DoubleRunFound.class, "an outcome of a switch", VmPhase.SWITCHING, VmPhase.UNCERTAIN)
                .event(
                        VmEvent.Ended.class,
                        "nothing runs",
                        VmPhase.STEADY,
                        VmPhase.PREPARING,
                        VmPhase.SWITCHING,
                        VmPhase.UNCERTAIN,
                        VmPhase.VERIFYING,
                        VmPhase.QUARANTINED,
                        VmPhase.STOPPING)
                .event(
                        VmEvent.Lost.class,
                        "only what stops it can lose a guest: a rehearsal or a switch",
                        VmPhase.PREPARING,
                        VmPhase.SWITCHING,
                        VmPhase.UNCERTAIN)
                .event(VmEvent.StopOrdered.class, "an attempt is not cut short", VmPhase.STEADY, VmPhase.QUARANTINED)
                // Evolved without a row: they change no phase.
                .event(VmEvent.HoldPlaced.class, "changes no phase")
                .event(VmEvent.HoldLifted.class, "changes no phase")
                .event(VmEvent.Released.class, "nothing to release", VmPhase.QUARANTINED, VmPhase.LOST)
                .event(
                        VmEvent.HostDeclaredDead.class,
                        "an attempt is asked and fenced first; what is over stays over",
                        VmPhase.STARTING,
                        VmPhase.STEADY,
                        VmPhase.UNCERTAIN,
                        VmPhase.VERIFYING,
                        VmPhase.QUARANTINED,
                        VmPhase.STOPPING)
                .event(VmEvent.RevisionSeen.class, "in an attempt its outcome tells", VmPhase.STEADY);
        new TableShape<>(VmRules.TABLE, VmPhase.class, VmPhase.ABSENT, VmEvent.class, legal.map()).check();
    }

    @Test
    void the_host_table_is_whole() {
        var legal = new TableShape.Legal<HostPhase>()
                .event(
                        HostEvent.Connected.class,
                        "none",
                        HostPhase.ABSENT,
                        HostPhase.CONNECTED,
                        HostPhase.UNREACHABLE,
                        HostPhase.DECLARED_DEAD)
                .event(HostEvent.SessionLost.class, "there is no session", HostPhase.CONNECTED)
                .event(HostEvent.DeclaredDead.class, "its agent speaks, or nobody knows it", HostPhase.UNREACHABLE)
                .event(
                        HostEvent.Cordoned.class,
                        "nobody knows it",
                        HostPhase.CONNECTED,
                        HostPhase.UNREACHABLE,
                        HostPhase.DECLARED_DEAD)
                .event(
                        HostEvent.Uncordoned.class,
                        "nobody knows it",
                        HostPhase.CONNECTED,
                        HostPhase.UNREACHABLE,
                        HostPhase.DECLARED_DEAD)
                .event(HostEvent.VmPlaced.class, "nobody could start it", HostPhase.CONNECTED)
                .event(
                        HostEvent.VmRemoved.class,
                        "nobody knows it",
                        HostPhase.CONNECTED,
                        HostPhase.UNREACHABLE,
                        HostPhase.DECLARED_DEAD);
        new TableShape<>(HostRules.TABLE, HostPhase.class, HostPhase.ABSENT, HostEvent.class, legal.map()).check();
    }

    @Test
    void the_rollout_table_is_whole() {
        var legal = new TableShape.Legal<RolloutPhase>()
                .event(RolloutEvent.Applied.class, "one id carries out one plan", RolloutPhase.ABSENT)
                .event(RolloutEvent.VmStarted.class, "nothing new starts", RolloutPhase.RUNNING)
                .event(
                        RolloutEvent.VmEnded.class,
                        "nothing is in flight",
                        RolloutPhase.RUNNING,
                        RolloutPhase.PAUSED,
                        RolloutPhase.ABORTING)
                .event(
                        RolloutEvent.HopDone.class,
                        "nothing is in flight",
                        RolloutPhase.RUNNING,
                        RolloutPhase.PAUSED,
                        RolloutPhase.ABORTING)
                .event(
                        RolloutEvent.MethodRefused.class,
                        "nothing is in flight",
                        RolloutPhase.RUNNING,
                        RolloutPhase.PAUSED,
                        RolloutPhase.ABORTING)
                .event(
                        RolloutEvent.VmPutBack.class,
                        "nothing is in flight",
                        RolloutPhase.RUNNING,
                        RolloutPhase.PAUSED,
                        RolloutPhase.ABORTING)
                .event(RolloutEvent.BakeBegun.class, "no wave has just been done", RolloutPhase.RUNNING)
                .event(RolloutEvent.Promoted.class, "no wave bakes", RolloutPhase.BAKING)
                .event(
                        RolloutEvent.Paused.class,
                        "paused already, or too late",
                        RolloutPhase.RUNNING,
                        RolloutPhase.BAKING)
                .event(RolloutEvent.Resumed.class, "not paused", RolloutPhase.PAUSED)
                .event(
                        RolloutEvent.AbortBegun.class,
                        "aborted already, or over",
                        RolloutPhase.RUNNING,
                        RolloutPhase.BAKING,
                        RolloutPhase.PAUSED)
                .event(RolloutEvent.Aborted.class, "not aborting", RolloutPhase.ABORTING)
                .event(RolloutEvent.Failed.class, "not aborting", RolloutPhase.ABORTING)
                .event(
                        RolloutEvent.Completed.class,
                        "the last wave is not done",
                        RolloutPhase.RUNNING,
                        RolloutPhase.BAKING)
                .event(
                        RolloutEvent.VmsRetried.class,
                        "ended by a human, or about to be",
                        RolloutPhase.RUNNING,
                        RolloutPhase.BAKING,
                        RolloutPhase.PAUSED,
                        RolloutPhase.COMPLETE,
                        RolloutPhase.FAILED)
                .event(
                        RolloutEvent.RevertRequested.class,
                        "it is aborted first",
                        RolloutPhase.ABORTING,
                        RolloutPhase.COMPLETE,
                        RolloutPhase.ABORTED,
                        RolloutPhase.FAILED)
                .event(
                        RolloutEvent.RevertAnswered.class,
                        "asked only at rest",
                        RolloutPhase.COMPLETE,
                        RolloutPhase.ABORTED,
                        RolloutPhase.FAILED);
        new TableShape<>(RolloutRules.TABLE, RolloutPhase.class, RolloutPhase.ABSENT, RolloutEvent.class, legal.map())
                .check();
    }

    @Test
    void two_rows_for_one_pair_are_refused() {
        var builder = TransitionTable.<HostPhase, HostEvent>builder()
                .row(HostPhase.ABSENT, HostEvent.Connected.class, HostPhase.CONNECTED, Kind.REST)
                .row(HostPhase.ABSENT, HostEvent.Connected.class, HostPhase.UNREACHABLE, Kind.REST);
        assertThatThrownBy(builder::build).hasMessageContaining("two rows for ABSENT on Connected");
    }

    @Test
    void the_pivot_of_a_hand_over_is_the_authorization() {
        assertThat(VmRules.TABLE.rows())
                .filteredOn(row -> row.kind() == Kind.PIVOT)
                .extracting(Transition::label)
                .isEqualTo(java.util.List.of("SwitchAuthorized"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vm", "host", "rollout"})
    void the_diagram_beside_the_documents_is_the_table(String entity) throws IOException {
        TransitionTable<?, ?> table = switch (entity) {
            case "vm" -> VmRules.TABLE;
            case "host" -> HostRules.TABLE;
            default -> RolloutRules.TABLE;
        };
        String drawn = table.toMermaid("ABSENT");
        Path file = Path.of(System.getProperty("neurath.root"), "docs", "states", entity + ".mmd");
        if (Boolean.getBoolean("neurath.rewrite")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, drawn);
        }
        assertThat(file)
                .as("stale: run the tests of module model with -Dneurath.rewrite=true")
                .exists()
                .content()
                .isEqualTo(drawn);
    }

    @Test
    void every_phase_is_drawn() {
        assertThat(Set.of(VmPhase.values()))
                .allMatch(phase -> VmRules.TABLE.toMermaid("ABSENT").contains(phase.name()));
    }
}
