package dev.neurath.model.rollout;

import dev.neurath.model.VmId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/**
 * The progress of every VM of a plan, in the plan's order, with counts per wave. Immutable; a changed copy shares all but one chunk with its origin,
 * so that an event of a rollout over 100,000 VMs costs microseconds.
 */
public final class VmLines {
    private static final int CHUNK = 256;

    public static final VmLines NONE = of(List.of());

    private final Order order;
    private final VmLine[][] chunks;
    /** Per chunk, so that what is looked for is found without reading every VM. */
    private final List<Map<Progress, Integer>> inChunk;
    /** Per wave. */
    private final List<Map<Progress, Integer>> counts;

    private VmLines(
            Order order, VmLine[][] chunks, List<Map<Progress, Integer>> inChunk, List<Map<Progress, Integer>> counts) {
        this.order = order;
        this.chunks = chunks;
        this.inChunk = inChunk;
        this.counts = counts;
    }

    public static VmLines of(List<Plan.Wave> waves) {
        var order = new Order(waves);
        int size = order.parts.length;
        var chunks = new VmLine[(size + CHUNK - 1) / CHUNK][];
        for (int c = 0; c < chunks.length; c++) {
            chunks[c] = new VmLine[Math.min(CHUNK, size - c * CHUNK)];
            Arrays.fill(chunks[c], VmLine.FRESH);
        }
        List<Map<Progress, Integer>> inChunk =
                Arrays.stream(chunks).map(chunk -> fresh(chunk.length)).toList();
        List<Map<Progress, Integer>> counts =
                waves.stream().map(wave -> fresh(wave.assignments().size())).toList();
        return new VmLines(order, chunks, inChunk, counts);
    }

    public int size() {
        return order.parts.length;
    }

    /** @return its place in the plan, or empty if it is no VM of this rollout */
    public OptionalInt find(VmId vm) {
        Integer index = order.index.get(vm);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    public VmLine get(int index) {
        return chunks[index / CHUNK][index % CHUNK];
    }

    public Plan.Assignment assignment(int index) {
        return order.parts[index];
    }

    public int wave(int index) {
        return order.waves[index];
    }

    /** @return index of the first VM of {@code wave}; of the wave after the last: the number of VMs */
    public int start(int wave) {
        return order.starts[wave];
    }

    public int count(int wave, Progress progress) {
        return counts.get(wave).getOrDefault(progress, 0);
    }

    /** @return how many VMs of the first {@code waves} waves stand there */
    public int countInFirst(int waves, Progress progress) {
        int sum = 0;
        for (int w = 0; w < Math.min(waves, counts.size()); w++) {
            sum += count(w, progress);
        }
        return sum;
    }

    public int count(Progress progress) {
        return countInFirst(counts.size(), progress);
    }

    /**
     * Visits the VMs of the first {@code waves} waves that stand at {@code progress}, in the plan's order, until {@code visit} says false. Costs what is
     * found, not what is there.
     */
    void forEach(int waves, Progress progress, IntPredicate visit) {
        int end = order.starts[Math.min(waves, counts.size())];
        for (int i = 0; i < end; i++) {
            if (i % CHUNK == 0 && inChunk.get(i / CHUNK).getOrDefault(progress, 0) == 0) {
                i += CHUNK - 1;
            } else if (get(i).progress() == progress && !visit.test(i)) {
                return;
            }
        }
    }

    VmLines with(int index, VmLine line) {
        Progress before = get(index).progress();
        var nextChunks = chunks.clone();
        nextChunks[index / CHUNK] = chunks[index / CHUNK].clone();
        nextChunks[index / CHUNK][index % CHUNK] = line;
        return new VmLines(
                order,
                nextChunks,
                moved(inChunk, index / CHUNK, before, line.progress()),
                moved(counts, wave(index), before, line.progress()));
    }

    private static Map<Progress, Integer> fresh(int count) {
        return new EnumMap<>(Map.of(VmLine.FRESH.progress(), count));
    }

    private static List<Map<Progress, Integer>> moved(
            List<Map<Progress, Integer>> counts, int at, Progress from, Progress to) {
        var there = new EnumMap<>(counts.get(at));
        there.merge(from, -1, Integer::sum);
        there.merge(to, 1, Integer::sum);
        var next = new ArrayList<>(counts);
        next.set(at, there);
        return next;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VmLines lines
                && Arrays.equals(order.parts, lines.order.parts)
                && Arrays.deepEquals(chunks, lines.chunks);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(chunks);
    }

    @Override
    public String toString() {
        var out = new StringBuilder();
        for (int i = 0; i < size(); i++) {
            out.append(assignment(i).vm()).append('=').append(get(i).progress()).append(' ');
        }
        return out.toString().strip();
    }

    /** The plan's order, shared by all copies. */
    private static final class Order {
        private final Plan.Assignment[] parts;
        private final int[] waves;
        private final int[] starts;
        private final Map<VmId, Integer> index;

        Order(List<Plan.Wave> plan) {
            parts = plan.stream().flatMap(wave -> wave.assignments().stream()).toArray(Plan.Assignment[]::new);
            waves = new int[parts.length];
            starts = new int[plan.size() + 1];
            index = HashMap.newHashMap(parts.length);
            int next = 0;
            for (int w = 0; w < plan.size(); w++) {
                starts[w] = next;
                for (Plan.Assignment part : plan.get(w).assignments()) {
                    waves[next] = w;
                    if (index.put(part.vm(), next) != null) {
                        throw new IllegalArgumentException("VM " + part.vm() + " is in the plan twice");
                    }
                    next++;
                }
            }
            starts[plan.size()] = next;
        }
    }
}
