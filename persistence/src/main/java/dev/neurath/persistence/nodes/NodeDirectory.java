package dev.neurath.persistence.nodes;

import dev.neurath.persistence.database.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How the nodes of a cluster find each other through the database, and how exactly one of them founds it.
 *
 * <p>The row of table {@code cluster} names the present founding; its lock makes decisions one at a time. Under it a node that
 * looks for a cluster sees who is on record as a member of the present founding:
 * <ul>
 *   <li>a member that was seen lately: join it;
 *   <li>members, but silent ones: wait until one is heard, or until all were silent while this node watched for a whole period;
 *   <li>nobody, or nobody alive: found. The founding is written before the lock is released, so the next node to decide finds
 *       this one as a member.
 * </ul>
 * A founder that dies before its cluster stands goes silent like any other. After a crash of all nodes their rows are left:
 * the first back waits one period, unless the rows are at its own address, which it holds now, so that its predecessor is dead.
 *
 * <p>A cluster cut off from the database for longer than a period may be founded anew beside the old one. That one cannot
 * write events meanwhile; once it can, {@link #beat} tells its nodes that they are superseded, and they must stop. Should one
 * miss that, the journal's primary key still lets only one writer of each entity through. Telling cluster members apart when
 * they lose each other, but not the database, is left to split-brain resolution.
 */
public final class NodeDirectory {
    private final Database database;
    private final String address;
    private final UUID incarnation = UUID.randomUUID();
    private final SilenceWitness witness;
    private final Duration freshness;

    /** Whether this node may go on. */
    public enum Standing {
        ALIVE,
        /** Another founding, or another process at this node's address, took over: this node must stop and start again. */
        SUPERSEDED
    }

    /**
     * @param address at which other nodes reach this one; already bound by this process, so no other can have it
     * @param silence how long a node must be silent to count as dead; several times the interval of {@link #beat}
     */
    public NodeDirectory(Database database, String address, Duration silence) {
        this.database = database;
        this.address = address;
        this.witness = new SilenceWitness(silence);
        this.freshness = silence.dividedBy(2);
    }

    /**
     * Registers this node as looking for a cluster and decides what it is to do now. To be repeated about every second, and at
     * least twice within the period of silence, until it is not {@link Seat.Wait}; and again when joining leads nowhere.
     */
    public Seat seek() {
        return database.transaction("looking for the cluster", this::decide);
    }

    /**
     * Records that this node is a member of the cluster.
     *
     * @param members addresses in the cluster's own view
     * @return SUPERSEDED when none of them belongs to the present founding: a newer cluster exists
     */
    public Standing joined(Collection<String> members) {
        return database.transaction("recording the membership", connection -> {
            Optional<UUID> founding = NodeTable.lockFounding(connection);
            boolean current = founding.isPresent()
                    && NodeTable.all(connection, freshness).stream()
                            .anyMatch(row -> founding.get().equals(row.founding()) && members.contains(row.address()));
            if (!current) {
                return Standing.SUPERSEDED;
            }
            NodeTable.put(connection, address, incarnation, founding.get());
            return Standing.ALIVE;
        });
    }

    /** Says that this node lives; to be called several times per period of silence, whatever its state. */
    public Standing beat() {
        return database.run(
                "beating for " + address,
                connection -> NodeTable.beat(connection, address, incarnation) ? Standing.ALIVE : Standing.SUPERSEDED);
    }

    /** Addresses on record as members of the present cluster and seen lately. */
    public List<String> members() {
        return database.run("listing the cluster's members", connection -> {
            Optional<UUID> founding = NodeTable.founding(connection);
            return NodeTable.all(connection, freshness).stream()
                    .filter(row -> row.fresh()
                            && founding.isPresent()
                            && founding.get().equals(row.founding()))
                    .map(NodeRow::address)
                    .toList();
        });
    }

    /** On a stop in good order: nobody needs to wait for this node's silence. */
    public void leave() {
        database.run("leaving the directory", connection -> {
            NodeTable.remove(connection, address, incarnation);
            return address;
        });
    }

    private Seat decide(Connection connection) throws SQLException {
        Optional<UUID> founding = NodeTable.lockFounding(connection);
        NodeTable.put(connection, address, incarnation, null);
        long before = System.nanoTime();
        List<NodeRow> others = NodeTable.all(connection, freshness).stream()
                .filter(row -> !row.address().equals(address))
                .toList();
        witness.look(others, before, System.nanoTime());
        List<NodeRow> members = others.stream()
                .filter(row -> founding.isPresent() && founding.get().equals(row.founding()) && !witness.silent(row))
                .toList();
        List<String> fresh =
                members.stream().filter(NodeRow::fresh).map(NodeRow::address).toList();
        if (!fresh.isEmpty()) {
            return new Seat.Join(fresh);
        }
        if (!members.isEmpty()) {
            return new Seat.Wait(members.stream().map(NodeRow::address).toList());
        }
        for (NodeRow row : others) {
            if (witness.silent(row)) {
                NodeTable.remove(connection, row.address(), row.incarnation());
            }
        }
        UUID next = UUID.randomUUID();
        NodeTable.found(connection, next);
        NodeTable.put(connection, address, incarnation, next);
        return new Seat.Found(next);
    }
}
