package dev.neurath.agent.qmp;

/**
 * SO_PEERCRED of a connection: who called listen() on the socket, at that time.
 *
 * <p>Not necessarily who holds it now: a manager may have passed the socket on, and across pid namespaces the pid is 0.
 */
public record PeerCredentials(int pid, int uid, int gid) {}
