package dev.neurath.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.proto.v1.FreezeState;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.Revision;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmPhase;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetHealthTest {
    private static final Release OLD = Release.newBuilder().setId("old").build();

    @Test
    void a_fleet_in_order_needs_nobody() {
        List<Finding> findings = FleetHealth.findings(
                List.of(host("h1", "CONNECTED", "1").build()),
                List.of(vm("web", VmPhase.VM_PHASE_STEADY)),
                List.of(OLD));
        assertThat(findings).extracting(Finding::verdict).containsOnly(Finding.Verdict.OK);
    }

    @Test
    void a_host_that_is_away_and_a_guest_that_needs_somebody_are_failures_with_the_next_command() {
        List<Finding> findings = FleetHealth.findings(
                List.of(
                        host("h1", "CONNECTED", "1").build(),
                        host("h2", "UNREACHABLE", "1").build()),
                List.of(vm("web", VmPhase.VM_PHASE_STEADY), vm("db", VmPhase.VM_PHASE_LOST)),
                List.of(OLD));
        assertThat(findings)
                .filteredOn(finding -> finding.verdict() == Finding.Verdict.FAIL)
                .extracting(Finding::wayOut)
                .containsExactly("neurath host show h2", "neurath explain db");
    }

    @Test
    void cordons_mixed_agents_and_a_release_that_nobody_registered_are_warnings() {
        List<Finding> findings = FleetHealth.findings(
                List.of(
                        host("h1", "CONNECTED", "1").setCordoned(true).build(),
                        host("h2", "CONNECTED", "2").build()),
                List.of(vm("web", VmPhase.VM_PHASE_STEADY)),
                List.of());
        assertThat(findings)
                .filteredOn(finding -> finding.verdict() == Finding.Verdict.WARN)
                .extracting(Finding::check)
                .containsExactly("cordons", "agent versions", "releases");
    }

    @Test
    void a_host_that_somebody_declared_dead_is_a_warning() {
        List<Host> hosts = List.of(
                host("h1", "CONNECTED", "1").build(),
                host("h2", "DECLARED_DEAD", "1").build());
        Finding agents = FleetHealth.findings(hosts, List.of(), List.of()).getFirst();
        assertThat(agents.verdict()).isEqualTo(Finding.Verdict.WARN);
        assertThat(agents.sentence()).isEqualTo("1 of 2 hosts are declared dead: h2.");
    }

    @Test
    void many_names_are_cut_short() {
        List<Host> hosts = java.util.stream.IntStream.range(0, 9)
                .mapToObj(i -> host("h" + i, "UNREACHABLE", "1").build())
                .toList();
        assertThat(FleetHealth.findings(hosts, List.of(), List.of()).getFirst().sentence())
                .isEqualTo("9 of 9 hosts are not connected: h0, h1, h2, h3, h4, ….");
    }

    @Test
    void a_freeze_is_a_warning_with_its_reason_and_no_freeze_is_in_order() {
        Finding frozen = FleetHealth.freeze(FreezeState.newBuilder()
                .setFrozen(true)
                .setBy("anna")
                .setReason("CVE night")
                .build());
        assertThat(frozen.verdict()).isEqualTo(Finding.Verdict.WARN);
        assertThat(frozen.sentence()).contains("anna").contains("CVE night");
        assertThat(frozen.wayOut()).isEqualTo("neurath thaw");
        assertThat(FleetHealth.freeze(FreezeState.getDefaultInstance()).verdict())
                .isEqualTo(Finding.Verdict.OK);
    }

    private static Host.Builder host(String id, String state, String version) {
        return Host.newBuilder().setId(id).setState(state).setAgentVersion(version);
    }

    private static Vm vm(String id, VmPhase phase) {
        return Vm.newBuilder()
                .setId(id)
                .setPhase(phase)
                .setRevision(Revision.newBuilder().setRelease("old"))
                .build();
    }
}
