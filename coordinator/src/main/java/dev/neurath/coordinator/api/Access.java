package dev.neurath.coordinator.api;

import dev.neurath.identity.Role;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What it takes to call each method: one table, every method of every service a row. A method without one is called by nobody.
 *
 * <p>View changes nothing; operate is what rollouts and their VMs need day by day and at night; admin is what decides what may be executed at all, or ends a
 * guest for good.
 */
enum Access {
    /** Whoever can connect. */
    OPEN,
    /** An agent, for the host in its certificate, and nobody else. */
    AGENT,
    VIEW,
    OPERATE,
    ADMIN;

    private static final Map<String, Access> TABLE = table();

    private static Map<String, Access> table() {
        // spotless:off
        var table = new TreeMap<String, Access>();
        rows(table, "neurath.v1.AgentLink", AGENT, "Connect");
        rows(table, "neurath.v1.EventFeed", VIEW, "Watch", "List");
        rows(table, "neurath.v1.Fleet", VIEW, "ListReleases", "ListHosts", "ListVms", "GetVm", "Explain");
        rows(
                table,
                "neurath.v1.Fleet",
                OPERATE,
                "CordonHost",
                "UncordonHost",
                "StartVm",
                "AdoptVms",
                "HoldVm",
                "UnholdVm",
                "ReleaseVm");
        rows(table, "neurath.v1.Fleet", ADMIN, "RegisterRelease", "DeclareHostDead", "StopVm");
        rows(table, "neurath.v1.Rollouts", VIEW, "Plan", "Get", "List", "GetFreeze");
        rows(
                table,
                "neurath.v1.Rollouts",
                OPERATE,
                "Apply",
                "Pause",
                "Resume",
                "Promote",
                "Abort",
                "Retry",
                "Revert",
                "Freeze",
                "Thaw");
        rows(table, "grpc.health.v1.Health", OPEN, "Check", "Watch");
        rows(table, "grpc.reflection.v1.ServerReflection", VIEW, "ServerReflectionInfo");
        rows(table, "grpc.reflection.v1alpha.ServerReflection", VIEW, "ServerReflectionInfo");
        // spotless:on
        return Map.copyOf(table);
    }

    private static void rows(Map<String, Access> table, String service, Access least, String... methods) {
        Stream.of(methods).forEach(method -> table.put(service + "/" + method, least));
    }

    /** @return empty for a method that has no row */
    static Optional<Access> of(String fullMethodName) {
        return Optional.ofNullable(TABLE.get(fullMethodName));
    }

    static Map<String, Access> all() {
        return TABLE;
    }

    boolean isGrantedTo(Role role) {
        return switch (this) {
            case OPEN -> true;
            case AGENT -> role == Role.AGENT;
            case VIEW -> role.includes(Role.VIEW);
            case OPERATE -> role.includes(Role.OPERATE);
            case ADMIN -> role.includes(Role.ADMIN);
        };
    }

    /** The role to ask for. */
    Role least() {
        return switch (this) {
            case OPEN, VIEW -> Role.VIEW;
            case AGENT -> Role.AGENT;
            case OPERATE -> Role.OPERATE;
            case ADMIN -> Role.ADMIN;
        };
    }
}
