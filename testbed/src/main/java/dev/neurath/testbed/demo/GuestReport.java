package dev.neurath.testbed.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.Footprint;
import dev.neurath.proto.v1.Pause;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmEvent;
import dev.neurath.proto.v1.VmProgress;
import dev.neurath.testbed.demo.Guests.Guest;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How it went for one guest: what the coordinator says beside what was seen from outside.
 *
 * @param line the rollout's word on it
 * @param old as it was when the rollout began
 * @param now as it is
 * @param footprint what the hand-over cost beside the guest, where it was measured
 * @param reachedSwitching the guest stood still for a while, whoever runs it now
 */
record GuestReport(
        Guest guest,
        Rollout.VmLine line,
        Vm old,
        Vm now,
        @Nullable Footprint footprint,
        boolean reachedSwitching,
        Beats beats) {

    /** Seen from outside, in the guest's own output. */
    record Beats(double gapMillis, long before, long after, long memoryErrors, List<String> troubles) {}

    static GuestReport of(Guest guest, Rollout.VmLine line, Vm old, Vm now, List<Event> events, Beats beats) {
        Footprint footprint = null;
        boolean switching = false;
        for (Event event : events) {
            VmEvent fact = fact(event);
            switch (fact.getEventCase()) {
                case HANDED_OVER -> {
                    footprint = fact.getHandedOver().getFootprint();
                    switching = true;
                }
                case ROLLED_BACK -> switching |= fact.getRolledBack().getReachedSwitching();
                default -> {
                    // Nothing that this report is about.
                }
            }
        }
        return new GuestReport(guest, line, old, now, footprint, switching, beats);
    }

    private static VmEvent fact(Event event) {
        if (!event.getData().is(VmEvent.class)) {
            return VmEvent.getDefaultInstance();
        }
        try {
            return event.getData().unpack(VmEvent.class);
        } catch (InvalidProtocolBufferException unreadable) {
            throw new DemoFailure("event " + event.getId() + " cannot be read: " + unreadable.getMessage());
        }
    }

    String outcome() {
        return switch (line.getProgress()) {
            // Refused before anything was touched is as it was, too.
            case VM_PROGRESS_REFUSED, VM_PROGRESS_AS_IT_WAS -> "AS_IT_WAS";
            case VM_PROGRESS_GONE, VM_PROGRESS_LOST -> "LOST";
            default -> Documents.word(line.getProgress());
        };
    }

    OptionalDouble pauseMillis() {
        return line.getPause().getPauseCase() == Pause.PauseCase.MEASURED
                ? OptionalDouble.of(Documents.toMillis(line.getPause().getMeasured()))
                : OptionalDouble.empty();
    }

    /** It ended as the demo said beforehand, and the guest is sound. */
    boolean asAnnounced() {
        boolean samePid = old.getProcess().getPid() == now.getProcess().getPid();
        boolean ended = guest.deliberateFailure()
                ? outcome().equals("AS_IT_WAS") && samePid
                : line.getProgress() == VmProgress.VM_PROGRESS_UPGRADED && !samePid;
        boolean sound = beats.memoryErrors() == 0 && (beats.troubles().isEmpty() || !guest.builtIn());
        return ended && beats.after() > 0 && sound;
    }

    void write(ObjectNode node) {
        node.put("id", guest.id());
        node.put("host", guest.host());
        node.put("method", Words.method(line.getMethod()));
        node.put("outcome", outcome());
        node.put("deliberateFailure", guest.deliberateFailure());
        putOrNull(node, "pauseMillis", pauseMillis());
        node.put("gapMillis", beats.gapMillis());
        node.put("beatsBefore", beats.before());
        node.put("beatsAfter", beats.after());
        node.put("memoryErrors", beats.memoryErrors());
        putOrNull(node, "extraMemoryBytes", footprint == null ? -1 : footprint.getExtraMemoryBytes());
        putOrNull(node, "extraCpuMillis", footprint == null ? -1 : footprint.getExtraCpuMillis());
        node.put("qmp", now.getProcess().getQmp());
        node.put("oldPid", old.getProcess().getPid());
        node.put("newPid", now.getProcess().getPid());
        node.put("binarySha256", now.getRevision().getBinarySha256());
        node.put("beatLog", guest.beats().toString());
        node.put("version", now.getRevision().getVersion());
        node.put("reachedSwitching", reachedSwitching);
        node.put("reason", line.getReason());
        node.put("sentence", line.getSentence());
        beats.troubles().forEach(node.putArray("troubles")::add);
    }

    private static void putOrNull(ObjectNode node, String name, OptionalDouble value) {
        if (value.isPresent()) {
            node.put(name, value.getAsDouble());
        } else {
            node.putNull(name);
        }
    }

    /** -1 stands for not measured. */
    private static void putOrNull(ObjectNode node, String name, long value) {
        if (value >= 0) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }
}
