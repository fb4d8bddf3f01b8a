package dev.neurath.model.explorer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Visits every state that can be reached within the bounds, nearest first, so that a violation comes with a shortest trace. Then it asks of each state
 * whether rest can be reached from it by fair moves alone: where it can from all, every fair path comes to rest, since the set of states is finite and
 * closed under fair moves. In the same way, from every state after SWITCH the outcome's record has to be reachable by the host's own moves, without a
 * message from anybody.
 */
final class Explorer {
    private static final int NO_PARENT = -1;

    private final World world;
    private final Invariants invariants;
    private final Map<String, Integer> labelNumbers = new HashMap<>();
    private final List<String> labels = new ArrayList<>();

    private long[] w0 = new long[1 << 14];
    private long[] w1 = new long[1 << 14];
    private long[] w2 = new long[1 << 14];
    private int[] parent = new int[1 << 14];
    private int[] label = new int[1 << 14];
    private int[] index = new int[1 << 15];
    private int states;
    private long transitions;
    private int[] fairFrom = new int[1 << 14];
    private int[] fairTo = new int[1 << 14];
    private int fairMoves;
    /** Of the fair moves those that the host makes without a message from anybody. */
    private final BitSet ownMoves = new BitSet();

    private final BitSet edges = new BitSet();

    Explorer(Product product, Bounds bounds) {
        world = new World(product, bounds);
        invariants = new Invariants(product);
        Arrays.fill(index, -1);
    }

    /** @param violation null if nothing was found */
    record Result(
            int states,
            long transitions,
            int rests,
            int edges,
            @Nullable Violation violation) {}

    /** @param trace from the beginning, one line per move */
    record Violation(String invariant, String sentence, List<String> trace) {
        @Override
        public String toString() {
            var text = new StringBuilder("invariant %s is broken: %s%n".formatted(invariant, sentence));
            int n = 0;
            for (String line : trace) {
                text.append("%4d %s%n".formatted(++n, line));
            }
            return text.toString();
        }
    }

    interface Visitor {
        void visit(State s);
    }

    Result explore() {
        return explore(s -> {});
    }

    Result explore(Visitor visitor) {
        add(world.initial(), NO_PARENT, "");
        for (int at = 0; at < states; at++) {
            State s = state(at);
            int from = at;
            try {
                invariants.check(s);
                visitor.visit(s);
                world.from(
                        s,
                        (t, text, fair) -> moved(from, t, text, fair, true),
                        (t, text, fair) -> moved(from, t, text, fair, false));
            } catch (Breach e) {
                return new Result(states, transitions, 0, edges.cardinality(), violation(e, at));
            } catch (OutOfBounds e) {
                edges.set(at);
            } catch (RuntimeException e) {
                throw new IllegalStateException("exploring failed after\n" + String.join("\n", trace(at)), e);
            }
        }
        return liveness();
    }

    private void moved(int from, State t, String text, boolean fair, boolean own) {
        transitions++;
        int to = add(t, from, text);
        if (fair && to != from) {
            ownMoves.set(fairMoves, own);
            fair(from, to);
        }
    }

    private Result liveness() {
        var goals = new BitSet(states);
        var settled = new BitSet(states);
        for (int at = 0; at < states; at++) {
            State s = state(at);
            goals.set(at, edges.get(at) || invariants.atRest(s));
            settled.set(at, edges.get(at) || !Invariants.betweenSwitchAndEnd(s));
        }
        int waits = firstThatNeverReaches(settled, true);
        if (waits >= 0) {
            var e = new Breach("14", "the guest may stand still here until somebody sends a message");
            return new Result(states, transitions, 0, edges.cardinality(), violation(e, waits));
        }
        int restless = firstThatNeverReaches(goals, false);
        if (restless >= 0) {
            var e = new Breach("15", "from here on nothing comes to rest");
            return new Result(states, transitions, 0, edges.cardinality(), violation(e, restless));
        }
        return new Result(states, transitions, goals.cardinality() - edges.cardinality(), edges.cardinality(), null);
    }

    /**
     * Backward from all goals along fair moves.
     *
     * @param ownOnly count the host's own moves only
     * @return a state from which no such moves lead to a goal; -1 if there is none
     */
    private int firstThatNeverReaches(BitSet goals, boolean ownOnly) {
        int[] head = new int[states];
        int[] next = new int[fairMoves];
        Arrays.fill(head, -1);
        for (int e = 0; e < fairMoves; e++) {
            if (!ownOnly || ownMoves.get(e)) {
                next[e] = head[fairTo[e]];
                head[fairTo[e]] = e;
            }
        }
        var met = (BitSet) goals.clone();
        int[] queue = new int[states];
        int tail = 0;
        for (int at = goals.nextSetBit(0); at >= 0; at = goals.nextSetBit(at + 1)) {
            queue[tail++] = at;
        }
        for (int i = 0; i < tail; i++) {
            for (int e = head[queue[i]]; e >= 0; e = next[e]) {
                if (!met.get(fairFrom[e])) {
                    met.set(fairFrom[e]);
                    queue[tail++] = fairFrom[e];
                }
            }
        }
        int missed = met.nextClearBit(0);
        return missed < states ? missed : -1;
    }

    private Violation violation(Breach e, int at) {
        return new Violation(e.invariant(), e.sentence(), trace(at));
    }

    private List<String> trace(int at) {
        var lines = new ArrayList<String>();
        for (int i = at; parent[i] != NO_PARENT; i = parent[i]) {
            lines.add(labels.get(label[i]));
        }
        return lines.reversed();
    }

    private State state(int at) {
        return new State(w0[at], w1[at], w2[at]);
    }

    private int add(State s, int from, String text) {
        int slot = slot(s.w0, s.w1, s.w2);
        if (index[slot] >= 0) {
            return index[slot];
        }
        if (states == w0.length) {
            int more = states * 2;
            w0 = Arrays.copyOf(w0, more);
            w1 = Arrays.copyOf(w1, more);
            w2 = Arrays.copyOf(w2, more);
            parent = Arrays.copyOf(parent, more);
            label = Arrays.copyOf(label, more);
        }
        w0[states] = s.w0;
        w1[states] = s.w1;
        w2[states] = s.w2;
        parent[states] = from;
        label[states] = labelNumbers.computeIfAbsent(text, k -> {
            labels.add(k);
            return labels.size() - 1;
        });
        index[slot] = states;
        states++;
        if (states * 2 > index.length) {
            index = new int[index.length * 2];
            Arrays.fill(index, -1);
            for (int i = 0; i < states; i++) {
                index[slot(w0[i], w1[i], w2[i])] = i;
            }
        }
        return states - 1;
    }

    private int slot(long a, long b, long c) {
        long h = ((a * 0x9E3779B97F4A7C15L) ^ b) * 0xC2B2AE3D27D4EB4FL;
        h = (h ^ (h >>> 29) ^ c) * 0x165667B19E3779F9L;
        int mask = index.length - 1;
        int slot = (int) (h ^ (h >>> 32)) & mask;
        while (index[slot] >= 0) {
            int i = index[slot];
            if (w0[i] == a && w1[i] == b && w2[i] == c) {
                break;
            }
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void fair(int from, int to) {
        if (fairMoves == fairFrom.length) {
            fairFrom = Arrays.copyOf(fairFrom, fairMoves * 2);
            fairTo = Arrays.copyOf(fairTo, fairMoves * 2);
        }
        fairFrom[fairMoves] = from;
        fairTo[fairMoves] = to;
        fairMoves++;
    }
}
