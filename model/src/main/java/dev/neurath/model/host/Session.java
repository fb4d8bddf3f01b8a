package dev.neurath.model.host;

/**
 * One connection of an agent to a coordinator node.
 *
 * @param id given by the node; orders name it and those of another session are refused
 * @param incarnation number of the agent's start, growing, kept beside its log
 * @param bootId of the host's kernel
 * @param logUuid of the agent's hand-over log: another uuid means that what the agent had written is gone
 * @param linkVersion what the agent and the node that it dialed keep to
 */
public record Session(
        String id, long incarnation, String bootId, String logUuid, String agentVersion, int linkVersion) {}
