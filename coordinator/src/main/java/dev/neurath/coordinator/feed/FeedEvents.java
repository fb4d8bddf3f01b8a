package dev.neurath.coordinator.feed;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Timestamp;
import dev.neurath.coordinator.fleet.FeedEntry;
import dev.neurath.coordinator.fleet.Subject;
import dev.neurath.coordinator.fleet.VmSpans;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.host.HostEvent;
import dev.neurath.persistence.events.EventCodecs;
import dev.neurath.proto.v1.Event;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Makes a feed event of a journal row: the same one, byte for byte, on every node and from every cursor.
 *
 * <p>Every row of the journal is exactly one event.
 */
final class FeedEvents {
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

    private static final ClassValue<String> NAMES = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> event) {
            return HUMP.matcher(event.getSimpleName()).replaceAll("-").toLowerCase(Locale.ROOT);
        }
    };

    /** Of journal.proto. */
    private static final Map<String, Descriptor> MESSAGES = Map.of(
            Subject.VM, dev.neurath.proto.v1.VmEvent.getDescriptor(),
            Subject.HOST, dev.neurath.proto.v1.HostEvent.getDescriptor(),
            Subject.ROLLOUT, dev.neurath.proto.v1.RolloutEvent.getDescriptor(),
            Subject.BUDGET, dev.neurath.proto.v1.BudgetEvent.getDescriptor(),
            Subject.RELEASES, dev.neurath.proto.v1.ReleaseEvent.getDescriptor());

    private final String epoch;
    private final EventCodecs codecs;

    FeedEvents(String epoch, EventCodecs codecs) {
        this.epoch = epoch;
        this.codecs = codecs;
    }

    Event of(FeedEntry entry) {
        var row = entry.row();
        Sentence sentence = EventSentences.of(entry.subject(), entry.event());
        var event = Event.newBuilder()
                .setId(entry.subject() + "#" + row.sequenceNr())
                .setType(type(entry))
                .setSubject(entry.subject().toString())
                .setSequence(row.sequenceNr())
                .setTime(timestamp(row.writtenAt()))
                .setSeverity(sentence.severity())
                .setReason(sentence.reason())
                .setSentence(sentence.text())
                .setActor(sentence.actor())
                .setCursor(new CursorText(epoch, row.cursor()).toString())
                .setData(data(entry));
        place(event, entry);
        return event.build();
    }

    private static void place(Event.Builder event, FeedEntry entry) {
        VmSpans.Span span = entry.span();
        if (span != null) {
            event.setRollout(span.rollout())
                    .setWave(span.wave())
                    .setGeneration(span.generation().value());
            if (span.host() != null) {
                event.setHost(span.host().value());
            }
        }
        switch (entry.event()) {
            case HostEvent e -> event.setHost(entry.subject().id());
            case dev.neurath.model.rollout.RolloutEvent e ->
                event.setRollout(entry.subject().id());
            case BudgetEvent.TokenGranted e ->
                event.setRollout(e.token().rollout().value())
                        .setHost(e.token().place().host().value());
            default -> {}
        }
    }

    /** In its present version, whatever version it was written in. */
    private Any data(FeedEntry entry) {
        Descriptor message = MESSAGES.get(entry.subject().kind());
        if (message == null) {
            throw new IllegalStateException("no message in journal.proto for " + entry.subject());
        }
        return Any.newBuilder()
                .setTypeUrl("type.googleapis.com/" + message.getFullName())
                .setValue(ByteString.copyFrom(codecs.encode(entry.event())))
                .build();
    }

    /** For example {@code neurath.vm.handed-over.v1}. */
    static String type(FeedEntry entry) {
        return "neurath." + entry.subject().kind() + "."
                + NAMES.get(entry.event().getClass()) + ".v1";
    }

    static Timestamp timestamp(Instant at) {
        return Timestamp.newBuilder()
                .setSeconds(at.getEpochSecond())
                .setNanos(at.getNano())
                .build();
    }
}
