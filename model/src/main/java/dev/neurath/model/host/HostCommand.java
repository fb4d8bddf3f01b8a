package dev.neurath.model.host;

import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.VmId;

/** What a host can be asked or told. */
public sealed interface HostCommand {
    /** An agent says Hello. {@code session} carries the id that the node offers. */
    record Connect(FleetId fleet, Session session, HostFacts facts) implements HostCommand {}

    /** The stream ended or was silent for too long. Of another session than the live one: ignored. */
    record LoseSession(String session, String reason) implements HostCommand {}

    record Cordon(String reason, Actor by) implements HostCommand {}

    record Uncordon(Actor by) implements HostCommand {}

    /** A human's evidence that the host is dead, with a name to it. */
    record DeclareDead(String evidence, Actor by) implements HostCommand {}

    /** A new VM is about to be started here; asked before its own start is durable. */
    record PlaceVm(VmId vm) implements HostCommand {}

    /** The VM ended or was found elsewhere. */
    record ForgetVm(VmId vm) implements HostCommand {}
}
