package dev.neurath.coordinator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.codec.VmCodec;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.Session;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FleetFactsTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final HostId HOST = new HostId("h1");
    private static final VmId VM = new VmId("web");
    private static final Subject OF_HOST = new Subject(Subject.HOST, "h1");
    private static final Subject OF_VM = new Subject(Subject.VM, "web");

    private final FleetFold fold = new FleetFold(new FleetId("test"), (before, event, after) -> {});
    private final FleetFacts fleet = new FleetFacts(fold, 0);

    @Test
    void a_vm_that_is_gone_is_not_forgotten_by_a_host_that_it_was_just_placed_on_again() {
        var session = new Session("s", 1, "boot", "log", "1", 1);
        fold.apply(OF_HOST, 1, NOON, new HostEvent.Connected(session, new HostFacts(Map.of(), 1, 1, 1, 1, "k", "tcg")));
        fold.apply(OF_HOST, 2, NOON, new HostEvent.VmPlaced(VM));
        fold.apply(
                OF_VM,
                1,
                NOON,
                new VmEvent.StartOrdered(
                        VmCodec.decode(TestFleet.spec("web")), HOST, new Generation(1), new Actor("me")));
        fold.apply(
                OF_VM,
                2,
                NOON,
                new VmEvent.StartFailed(Refusal.of("NO_KVM", "There is none.", "look"), new FactStamp(1, 1)));
        assertThat(fleet.mayBeForgotten(VM, HOST, NOON)).as("gone just now").isFalse();
        Instant later = NOON.plus(Duration.ofHours(1));
        assertThat(fleet.mayBeForgotten(VM, HOST, later)).isTrue();

        fold.apply(OF_HOST, 3, later, new HostEvent.VmRemoved(VM));
        assertThat(fleet.mayBeForgotten(VM, HOST, later)).as("forgotten").isFalse();
        fold.apply(OF_HOST, 4, later, new HostEvent.VmPlaced(VM));
        assertThat(fleet.mayBeForgotten(VM, HOST, later)).as("placed again").isFalse();
    }
}
