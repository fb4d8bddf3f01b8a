package dev.neurath.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.identity.Role;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.AgentProto;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.FeedProto;
import dev.neurath.proto.v1.FleetGrpc;
import dev.neurath.proto.v1.FleetProto;
import dev.neurath.proto.v1.RolloutProto;
import dev.neurath.proto.v1.RolloutsGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccessTest {
    private static Set<String> methods() {
        return Stream.of(
                        AgentLinkGrpc.getServiceDescriptor(),
                        EventFeedGrpc.getServiceDescriptor(),
                        FleetGrpc.getServiceDescriptor(),
                        RolloutsGrpc.getServiceDescriptor(),
                        HealthGrpc.getServiceDescriptor(),
                        ServerReflectionGrpc.getServiceDescriptor(),
                        io.grpc.reflection.v1alpha.ServerReflectionGrpc.getServiceDescriptor())
                .map(ServiceDescriptor::getMethods)
                .flatMap(methods -> methods.stream().map(MethodDescriptor::getFullMethodName))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void every_method_of_every_service_has_a_row_and_every_row_a_method() {
        assertThat(Access.all().keySet()).containsExactlyInAnyOrderElementsOf(methods());
    }

    @Test
    void no_service_of_the_proto_files_is_forgotten() {
        Set<String> services = Stream.of(
                        AgentProto.getDescriptor(),
                        FeedProto.getDescriptor(),
                        FleetProto.getDescriptor(),
                        RolloutProto.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .map(service -> service.getFullName())
                .collect(Collectors.toSet());
        assertThat(services).isNotEmpty();
        assertThat(Access.all().keySet().stream()
                        .map(method -> method.substring(0, method.indexOf('/')))
                        .collect(Collectors.toSet()))
                .containsAll(services);
    }

    @ParameterizedTest
    @EnumSource
    void an_agent_opens_its_link_and_nothing_else(Access access) {
        assertThat(access.isGrantedTo(Role.AGENT)).isEqualTo(access == Access.AGENT || access == Access.OPEN);
    }

    @ParameterizedTest
    @EnumSource
    void a_node_calls_nobody(Access access) {
        assertThat(access.isGrantedTo(Role.NODE)).isEqualTo(access == Access.OPEN);
    }

    @Test
    void a_higher_role_may_what_a_lower_one_may_and_more() {
        assertThat(granted(Role.OPERATE))
                .containsAll(granted(Role.VIEW))
                .hasSizeGreaterThan(granted(Role.VIEW).size());
        assertThat(granted(Role.ADMIN))
                .containsAll(granted(Role.OPERATE))
                .hasSizeGreaterThan(granted(Role.OPERATE).size());
        assertThat(granted(Role.ADMIN)).doesNotContain("neurath.v1.AgentLink/Connect");
    }

    @Test
    void with_the_view_role_nothing_changes() {
        assertThat(granted(Role.VIEW))
                .map(method -> method.substring(method.indexOf('/') + 1))
                .allMatch(name -> name.startsWith("List")
                        || name.startsWith("Get")
                        || Set.of("Watch", "Check", "Explain", "Plan", "ServerReflectionInfo")
                                .contains(name));
    }

    private static Set<String> granted(Role role) {
        return Access.all().entrySet().stream()
                .filter(row -> row.getValue().isGrantedTo(role))
                .map(row -> row.getKey())
                .collect(Collectors.toSet());
    }
}
