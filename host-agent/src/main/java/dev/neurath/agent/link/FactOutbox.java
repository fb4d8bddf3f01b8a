package dev.neurath.agent.link;

import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmFact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Facts that no VM's event has acknowledged yet, in their order. They are kept in memory only: what matters of them is found again in the hand-over
 * log and among the processes at the agent's next start, under a higher incarnation.
 */
public final class FactOutbox {
    /** A fact and its place in this agent's order. */
    public record Entry(VmId vm, FactStamp stamp, VmFact fact) {}

    /** Told of a new entry; must not block. */
    public interface Sender {
        void send(Entry entry);
    }

    private final long incarnation;
    private final Map<VmId, NavigableMap<FactStamp, Entry>> waiting = new LinkedHashMap<>();
    private long sequence;
    private Sender sender = entry -> {};

    public FactOutbox(long incarnation) {
        this.incarnation = incarnation;
    }

    /** From now on new entries go here at once; those that wait are fetched by {@link #waiting}. */
    public synchronized void sendTo(Sender newSender) {
        sender = newSender;
    }

    public synchronized void report(VmId vm, VmFact fact) {
        NavigableMap<FactStamp, Entry> ofVm = waiting.computeIfAbsent(vm, v -> new TreeMap<>());
        Optional<Entry> same = ofVm.values().stream()
                .filter(entry -> entry.fact().equals(fact))
                .findFirst();
        if (same.isPresent() && !(fact instanceof VmFact.Inventory)) {
            // It keeps its place: stamped anew it would overtake what follows from it, and that would be taken for old.
            sender.send(same.get());
            return;
        }
        // A newer look of the same kind makes the older one worthless, and a node that is away for long must not make
        // this grow.
        ofVm.values().removeIf(entry -> supersedes(fact, entry.fact()));
        add(vm, ofVm, fact);
        // That the VM is over must be the last word of it: stamped again, it is not taken for older than what it
        // follows.
        ofVm.values().stream()
                .filter(entry -> entry.fact() instanceof VmFact.Exited && !(fact instanceof VmFact.Exited))
                .findFirst()
                .ifPresent(exited -> {
                    ofVm.remove(exited.stamp());
                    add(vm, ofVm, exited.fact());
                });
    }

    /** A VM is started anew: the end of its former process, told after the start, would be taken for that of the new one. */
    public synchronized void forgetExit(VmId vm) {
        NavigableMap<FactStamp, Entry> ofVm = waiting.get(vm);
        if (ofVm != null) {
            ofVm.values().removeIf(entry -> entry.fact() instanceof VmFact.Exited);
        }
    }

    private void add(VmId vm, NavigableMap<FactStamp, Entry> ofVm, VmFact fact) {
        var entry = new Entry(vm, new FactStamp(incarnation, ++sequence), fact);
        ofVm.put(entry.stamp(), entry);
        sender.send(entry);
    }

    public synchronized List<Entry> waiting() {
        var all = new ArrayList<Entry>();
        waiting.values().forEach(ofVm -> all.addAll(ofVm.values()));
        return all;
    }

    public synchronized void acknowledge(VmId vm, FactStamp stamp) {
        NavigableMap<FactStamp, Entry> ofVm = waiting.get(vm);
        if (ofVm != null) {
            ofVm.remove(stamp);
            if (ofVm.isEmpty()) {
                waiting.remove(vm);
            }
        }
    }

    private static boolean supersedes(VmFact newer, VmFact older) {
        return (newer instanceof VmFact.Inventory && older instanceof VmFact.Inventory)
                || (newer instanceof VmFact.Settling && older instanceof VmFact.Settling);
    }
}
