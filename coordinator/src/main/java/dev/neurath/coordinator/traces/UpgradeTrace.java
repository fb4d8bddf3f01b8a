package dev.neurath.coordinator.traces;

import dev.neurath.codec.BuildVersion;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmPhase;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An attempt as a trace: a root {@code upgrade}, a child for each phase, and in the phase that stopped the guest a child {@code pause}.
 *
 * <p>A pure function of the attempt: the same on every node. Times are those of the events, by the clocks of the nodes that wrote them. The pause is
 * as long as the agent measured it; where it lay nobody told, so it is drawn up to the agent's report, or, if contact was lost, from the order on. A
 * pause that nobody measured is not drawn.
 */
final class UpgradeTrace {
    private static final String ROOT = "upgrade";
    private static final String PAUSE = "pause";

    private final EndedAttempt ended;
    private final AttemptEnd end;
    private final Resource resource;
    private final SpanContext root;

    private UpgradeTrace(EndedAttempt ended) {
        this.ended = ended;
        this.end = AttemptEnd.of(ended.end());
        // Nothing of the node that tells it.
        this.resource = Resource.create(Attributes.builder()
                .put("service.name", "neurath")
                .put("service.namespace", ended.key().fleet().value())
                .put("service.version", BuildVersion.text())
                .build());
        this.root = ended.key().span(ROOT);
    }

    /** @return the root first, each span after its parent */
    static List<SpanData> of(EndedAttempt ended) {
        return new UpgradeTrace(ended).spans();
    }

    private List<SpanData> spans() {
        var spans = new ArrayList<SpanData>();
        spans.add(span(ROOT, SpanContext.getInvalid(), ended.begun(), ended.ended(), attributes(), links(), status()));
        List<Part> parts = parts();
        for (Part part : parts) {
            spans.add(span(
                    part.name(),
                    root,
                    part.from(),
                    part.to(),
                    Attributes.empty(),
                    List.of(),
                    // The phase that it failed in.
                    part.equals(parts.getLast()) && end.status() == StatusCode.ERROR ? status() : StatusData.unset()));
        }
        EndedAttempt.Told told = ended.pause();
        if (told != null && told.pause() instanceof Pause.Measured measured) {
            spans.add(pause(told, measured.duration(), parts));
        }
        return spans;
    }

    /** Phases as somebody who looks sees them. */
    private record Part(String name, Instant from, Instant to) {}

    private List<Part> parts() {
        var parts = new ArrayList<Part>();
        for (EndedAttempt.Stage stage : ended.stages()) {
            String name = name(stage.phase());
            if (!parts.isEmpty() && parts.getLast().name().equals(name)) {
                parts.set(parts.size() - 1, new Part(name, parts.getLast().from(), stage.to()));
            } else {
                parts.add(new Part(name, stage.from(), stage.to()));
            }
        }
        return parts;
    }

    private static String name(VmPhase phase) {
        return switch (phase) {
            // Nobody ever waits in READY.
            case PREPARING, READY -> "prepare";
            case SWITCHING -> "switch";
            case UNCERTAIN -> "uncertain";
            case VERIFYING -> "verify";
            case ABSENT, STARTING, STEADY, QUARANTINED, STOPPING, GONE, LOST ->
                throw new IllegalArgumentException("no attempt is in flight in " + phase);
        };
    }

    private SpanData pause(EndedAttempt.Told told, Duration measured, List<Part> parts) {
        // Contact is lost in the phase that the guest was stopped in.
        boolean toldLate = told.during() == VmPhase.UNCERTAIN;
        int during = parts.stream().map(Part::name).toList().indexOf(name(told.during()));
        Part within = parts.get(toldLate ? during - 1 : during);
        Instant from = toldLate || told.at().minus(measured).isBefore(within.from())
                ? within.from()
                : told.at().minus(measured);
        Attributes attributes = ended.attempt().rehearsal() == Rehearsal.NONE
                ? Attributes.empty()
                : Attributes.builder()
                        .put("neurath.pause.may_include_rehearsal", true)
                        .build();
        return span(
                PAUSE,
                ended.key().span(within.name()),
                from,
                from.plus(measured),
                attributes,
                List.of(),
                StatusData.unset());
    }

    private SpanData span(
            String name,
            SpanContext parent,
            Instant from,
            Instant to,
            Attributes attributes,
            List<LinkData> links,
            StatusData status) {
        return new TraceSpan(name, ended.key().span(name), parent, from, to, attributes, links, status, resource);
    }

    private StatusData status() {
        return switch (end.status()) {
            case OK -> StatusData.ok();
            case UNSET -> StatusData.unset();
            case ERROR -> StatusData.create(StatusCode.ERROR, end.reason());
        };
    }

    private List<LinkData> links() {
        Generation earlier = ended.earlier();
        return earlier == null
                ? List.of()
                : List.of(LinkData.create(
                        ended.key().of(earlier).span(ROOT),
                        Attributes.builder()
                                .put("neurath.link", "earlier attempt")
                                .build()));
    }

    private Attributes attributes() {
        Attempt attempt = ended.attempt();
        AttributesBuilder told = Attributes.builder()
                .put("neurath.vm", ended.key().vm().value())
                .put("neurath.rollout", attempt.rollout().value())
                .put("neurath.wave", attempt.wave())
                .put("neurath.attempt", ended.number())
                .put("neurath.generation", attempt.generation().value())
                .put("neurath.method", word(attempt.method()))
                .put("neurath.from.version", attempt.fromVersion())
                .put("neurath.to.release", attempt.release().value())
                .put("neurath.outcome", end.outcome());
        HostId host = ended.host();
        if (host != null) {
            told.put("neurath.host", host.value());
        }
        Revision from = ended.from();
        if (from != null) {
            told.put("neurath.from.release", from.release().value());
        }
        Revision to = ended.to();
        if (to != null) {
            told.put("neurath.to.version", to.version());
        }
        if (attempt.rehearsal() != Rehearsal.NONE) {
            told.put("neurath.rehearsal", word(attempt.rehearsal()));
        }
        if (!end.reason().isEmpty()) {
            told.put("neurath.reason", end.reason());
        }
        if (!end.sentence().isEmpty()) {
            told.put("neurath.sentence", end.sentence());
        }
        EndedAttempt.Told pause = ended.pause();
        if (pause != null) {
            switch (pause.pause()) {
                case Pause.None none -> {}
                case Pause.Measured measured -> told.put("neurath.pause.seconds", seconds(measured.duration()));
                case Pause.Unknown unknown -> told.put("neurath.pause.at_least_seconds", seconds(unknown.atLeast()));
            }
        }
        return told.build();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
