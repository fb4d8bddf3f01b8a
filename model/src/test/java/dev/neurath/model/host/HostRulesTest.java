package dev.neurath.model.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HostRulesTest {
    private static final FleetId FLEET = new FleetId("fleet-1");
    private static final Actor OPERATOR = new Actor("operator");
    private static final VmId VM = new VmId("vm-1");
    private static final HostFacts FACTS = new HostFacts(Map.of("rack", "r1"), 8, 64, 32, 32, "6.12", "kvm");

    private HostState host = HostState.initial(new HostId("host-1"), FLEET);

    @Test
    void an_agent_connects_and_its_silence_makes_the_host_unreachable() {
        connect("s1", 1, "boot-1", "log-1");
        assertThat(host.phase()).isEqualTo(HostPhase.CONNECTED);
        give(new HostCommand.LoseSession("s1", "silent for 10 s"));
        assertThat(host.phase()).isEqualTo(HostPhase.UNREACHABLE);
    }

    @Test
    void an_agent_of_another_fleet_is_turned_away() {
        assertThat(refusal(give(
                        new HostCommand.Connect(new FleetId("fleet-2"), session("s1", 1, "boot-1", "log-1"), FACTS))))
                .isEqualTo("OTHER_FLEET");
        assertThat(host.phase()).isEqualTo(HostPhase.ABSENT);
    }

    @Test
    void a_second_agent_under_the_same_id_is_turned_away_while_the_first_lives() {
        connect("s1", 1, "boot-1", "log-1");
        assertThat(refusal(connect("s2", 9, "boot-2", "log-2"))).isEqualTo("DUPLICATE_HOST");
        assertThat(Objects.requireNonNull(host.session()).id()).isEqualTo("s1");
    }

    @Test
    void a_later_start_of_the_same_agent_replaces_its_session() {
        connect("s1", 1, "boot-1", "log-1");
        var decision = connect("s2", 2, "boot-1", "log-1");
        assertThat(effects(decision)).hasExactlyElementsOfTypes(HostEffect.EndSession.class, HostEffect.Welcome.class);
        give(new HostCommand.LoseSession("s1", "ended"));
        assertThat(host.phase()).as("the old session's end is nobody's loss").isEqualTo(HostPhase.CONNECTED);
    }

    @Test
    void a_hello_delivered_twice_is_one_event() {
        connect("s1", 1, "boot-1", "log-1");
        var again = connect("s1", 1, "boot-1", "log-1");
        assertThat(events(again)).isEmpty();
        assertThat(effects(again)).hasOnlyElementsOfType(HostEffect.Welcome.class);
    }

    @Test
    void an_agent_that_counts_from_the_beginning_again_is_told_where_to_go_on() {
        connect("s1", 5, "boot-1", "log-1");
        give(new HostCommand.LoseSession("s1", "silent"));
        assertThat(refusal(connect("s2", 4, "boot-1", "log-1"))).isEqualTo("AGENT_BEHIND");
        assertThat(refusal(connect("s2", 1, "boot-1", "log-2"))).isEqualTo("AGENT_BEHIND");
        assertThat(refusal(connect("s2", 5, "boot-1", "log-2"))).isEqualTo("AGENT_BEHIND");
        var decision = connect("s2", 6, "boot-1", "log-2");
        assertThat(effects(decision))
                .singleElement()
                .isInstanceOfSatisfying(
                        HostEffect.Welcome.class,
                        w -> assertThat(w.unknownLog()).isTrue());
    }

    @Test
    void a_host_is_declared_dead_only_when_its_agent_is_silent_and_every_vm_hears_of_it_until_it_is_gone() {
        connect("s1", 1, "boot-1", "log-1");
        give(new HostCommand.PlaceVm(VM));
        assertThat(refusal(give(new HostCommand.DeclareDead("burnt", OPERATOR))))
                .isEqualTo("HOST_CONNECTED");
        give(new HostCommand.LoseSession("s1", "silent"));
        give(new HostCommand.DeclareDead("burnt", OPERATOR));
        assertThat(HostRules.effectsDue(host))
                .containsExactly(new HostEffect.DeclareVmsDead(List.of(VM), "burnt", OPERATOR));
        give(new HostCommand.ForgetVm(VM));
        assertThat(HostRules.effectsDue(host)).isEmpty();
    }

    @Test
    void a_host_declared_dead_comes_back_only_with_another_boot() {
        connect("s1", 1, "boot-1", "log-1");
        give(new HostCommand.LoseSession("s1", "silent"));
        give(new HostCommand.DeclareDead("burnt", OPERATOR));
        assertThat(refusal(connect("s2", 2, "boot-1", "log-1"))).isEqualTo("HOST_DECLARED_DEAD");
        connect("s3", 3, "boot-2", "log-1");
        assertThat(host.phase()).isEqualTo(HostPhase.CONNECTED);
        assertThat(host.death()).isNull();
    }

    @Test
    void nothing_is_placed_on_a_host_that_is_unknown_silent_or_cordoned() {
        assertThat(refusal(give(new HostCommand.PlaceVm(VM)))).isEqualTo("HOST_UNKNOWN");
        connect("s1", 1, "boot-1", "log-1");
        give(new HostCommand.Cordon("repair", OPERATOR));
        assertThat(refusal(give(new HostCommand.PlaceVm(VM)))).isEqualTo("HOST_CORDONED");
        give(new HostCommand.Uncordon(OPERATOR));
        give(new HostCommand.PlaceVm(VM));
        assertThat(host.vms()).containsExactly(VM);
        assertThat(events(give(new HostCommand.PlaceVm(VM)))).as("again").isEmpty();
        give(new HostCommand.LoseSession("s1", "silent"));
        assertThat(refusal(give(new HostCommand.PlaceVm(new VmId("vm-2"))))).isEqualTo("HOST_UNREACHABLE");
    }

    @Test
    void a_cordon_outlives_sessions_and_is_placed_once() {
        connect("s1", 1, "boot-1", "log-1");
        assertThat(events(give(new HostCommand.Cordon("repair", OPERATOR)))).hasSize(1);
        assertThat(events(give(new HostCommand.Cordon("repair", OPERATOR)))).isEmpty();
        give(new HostCommand.LoseSession("s1", "silent"));
        connect("s2", 2, "boot-2", "log-1");
        assertThat(host.cordon()).isEqualTo("repair");
    }

    @Test
    void what_concerns_a_host_that_never_called_is_refused() {
        assertThat(refusal(give(new HostCommand.DeclareDead("burnt", OPERATOR))))
                .isEqualTo("HOST_UNKNOWN");
        assertThat(refusal(give(new HostCommand.Cordon("repair", OPERATOR)))).isEqualTo("HOST_UNKNOWN");
        assertThat(refusal(give(new HostCommand.Uncordon(OPERATOR)))).isEqualTo("HOST_UNKNOWN");
    }

    @Test
    void a_death_declared_twice_is_one_event_and_its_vms_hear_of_it_again() {
        connect("s1", 1, "boot-1", "log-1");
        give(new HostCommand.PlaceVm(VM));
        give(new HostCommand.LoseSession("s1", "silent"));
        assertThat(events(give(new HostCommand.DeclareDead("burnt", OPERATOR)))).hasSize(1);
        var again = give(new HostCommand.DeclareDead("drowned", OPERATOR));
        assertThat(events(again)).isEmpty();
        assertThat(effects(again)).containsExactly(new HostEffect.DeclareVmsDead(List.of(VM), "burnt", OPERATOR));
    }

    @Test
    void only_a_log_that_was_not_there_before_is_unknown() {
        Session first = session("s1", 1, "boot-1", "log-1");
        assertThat(effects(connect("s1", 1, "boot-1", "log-1")))
                .as("the first of all, and the same hello again")
                .containsExactly(new HostEffect.Welcome(first, List.of(), false))
                .isEqualTo(effects(connect("s1", 1, "boot-1", "log-1")));
    }

    @Test
    void the_welcome_names_the_vms_whose_floors_the_agent_needs() {
        connect("s1", 1, "boot-1", "log-1");
        give(new HostCommand.PlaceVm(VM));
        assertThat(effects(connect("s2", 2, "boot-1", "log-1")))
                .contains(new HostEffect.Welcome(session("s2", 2, "boot-1", "log-1"), List.of(VM), false));
    }

    private static Session session(String id, long incarnation, String boot, String log) {
        return new Session(id, incarnation, boot, log, "0.1", 1);
    }

    private Decision<HostEvent, HostEffect> connect(String id, long incarnation, String boot, String log) {
        return give(new HostCommand.Connect(FLEET, session(id, incarnation, boot, log), FACTS));
    }

    private Decision<HostEvent, HostEffect> give(HostCommand command) {
        var decision = HostRules.decide(host, command);
        events(decision).forEach(event -> host = host.evolve(event));
        return decision;
    }

    private static List<HostEvent> events(Decision<HostEvent, HostEffect> decision) {
        return decision instanceof Decision.Accepted<HostEvent, HostEffect> accepted ? accepted.events() : List.of();
    }

    private static List<HostEffect> effects(Decision<HostEvent, HostEffect> decision) {
        return decision instanceof Decision.Accepted<HostEvent, HostEffect> accepted ? accepted.effects() : List.of();
    }

    private static String refusal(Decision<HostEvent, HostEffect> decision) {
        return decision instanceof Decision.Refused<HostEvent, HostEffect> refused
                ? refused.refusal().code()
                : "accepted";
    }
}
