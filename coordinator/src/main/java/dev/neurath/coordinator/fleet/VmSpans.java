package dev.neurath.coordinator.fleet;

import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which host, generation and rollout each of a VM's events belongs to, also for events long past: an event names its generation at most, and a
 * reader that starts at any cursor must see the same as one that read from the beginning.
 *
 * <p>One span per order that was given a generation, thus few; immutable, so that readers need no lock.
 */
public final class VmSpans {
    static final VmSpans NONE = new VmSpans(List.of());

    /**
     * @param from the first sequence number that it holds for
     * @param rollout empty outside attempts
     */
    public record Span(long from, @Nullable HostId host, Generation generation, String rollout, int wave) {}

    private final List<Span> spans;

    private VmSpans(List<Span> spans) {
        this.spans = spans;
    }

    /** @param after the state that {@code event} led to */
    VmSpans and(long sequence, VmEvent event, VmState after) {
        var next = span(sequence, event, after);
        if (next == null) {
            return this;
        }
        var longer = new ArrayList<Span>(spans.size() + 1);
        longer.addAll(spans);
        longer.add(next);
        return new VmSpans(List.copyOf(longer));
    }

    private @Nullable Span span(long sequence, VmEvent event, VmState after) {
        return switch (event) {
            case VmEvent.StartOrdered e -> new Span(sequence, e.host(), e.generation(), "", 0);
            case VmEvent.AdoptOrdered e -> new Span(sequence, e.host(), e.generation(), "", 0);
            case VmEvent.StopOrdered e -> new Span(sequence, after.host(), e.generation(), "", 0);
            case VmEvent.UpgradeBegun e ->
                new Span(
                        sequence,
                        after.host(),
                        e.attempt().generation(),
                        e.attempt().rollout().value(),
                        e.attempt().wave());
            default -> null;
        };
    }

    /** @return the span that the event with this number is in; null before the VM's first order */
    public @Nullable Span at(long sequence) {
        int low = 0;
        int high = spans.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (spans.get(middle).from() <= sequence) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? null : spans.get(high);
    }
}
