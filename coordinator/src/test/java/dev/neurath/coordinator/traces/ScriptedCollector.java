package dev.neurath.coordinator.traces;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A collector that keeps what it takes, and does as the test says. */
final class ScriptedCollector implements SpanExporter {
    private final List<SpanData> taken = new ArrayList<>();
    private Mood mood = Mood.TAKES;
    private int asked;
    private boolean closed;

    enum Mood {
        TAKES,
        REFUSES,
        HANGS
    }

    synchronized void is(Mood next) {
        mood = next;
    }

    synchronized List<SpanData> taken() {
        return List.copyOf(taken);
    }

    synchronized long traces() {
        return taken.stream().map(SpanData::getTraceId).distinct().count();
    }

    /** How many requests came. */
    synchronized int asked() {
        return asked;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized CompletableResultCode export(Collection<SpanData> spans) {
        asked++;
        return switch (mood) {
            case TAKES -> {
                taken.addAll(spans);
                yield CompletableResultCode.ofSuccess();
            }
            case REFUSES -> CompletableResultCode.ofFailure();
            case HANGS -> new CompletableResultCode();
        };
    }

    @Override
    public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public synchronized CompletableResultCode shutdown() {
        closed = true;
        return CompletableResultCode.ofSuccess();
    }
}
