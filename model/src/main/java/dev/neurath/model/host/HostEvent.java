package dev.neurath.model.host;

import dev.neurath.model.Actor;
import dev.neurath.model.VmId;

/** What happened to a host. Heartbeats and changing facts are no events: they would drown the rest. */
public sealed interface HostEvent {
    record Connected(Session session, HostFacts facts) implements HostEvent {}

    record SessionLost(String session, String reason) implements HostEvent {}

    record Cordoned(String reason, Actor by) implements HostEvent {}

    record Uncordoned(Actor by) implements HostEvent {}

    record DeclaredDead(String evidence, Actor by) implements HostEvent {}

    record VmPlaced(VmId vm) implements HostEvent {}

    /** The VM ended or went elsewhere. */
    record VmRemoved(VmId vm) implements HostEvent {}
}
