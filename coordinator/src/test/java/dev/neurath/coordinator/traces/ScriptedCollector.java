package dev.neurath.coordinator.traces;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** A collector that keeps what it takes, and does as the test says. */
final class ScriptedCollector implements SpanExporter {
    private final List<SpanData> taken = new ArrayList<>();
    private final List<CompletableResultCode> hanging = new ArrayList<>();
    private Mood mood = Mood.TAKES;
    private String rejected = "";
    private int refusals = Integer.MAX_VALUE;
    private int asked;
    private boolean closed;

    enum Mood {
        TAKES,
        REFUSES,
        HANGS,
        THROWS
    }

    /** What hangs until now is refused. */
    synchronized void is(Mood next) {
        mood = next;
        refusals = Integer.MAX_VALUE;
        hanging.forEach(CompletableResultCode::fail);
        hanging.clear();
    }

    synchronized void refusesThenHangs(int requests) {
        is(Mood.REFUSES);
        refusals = requests;
    }

    /** Refuses every request that has this VM's trace in it, whatever its mood. */
    synchronized void rejects(String vm) {
        rejected = vm;
    }

    synchronized List<String> vms() {
        return taken.stream()
                .map(ScriptedCollector::vm)
                .filter(vm -> !vm.isEmpty())
                .toList();
    }

    private static String vm(SpanData span) {
        return Objects.requireNonNullElse(span.getAttributes().get(AttributeKey.stringKey("neurath.vm")), "");
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
        if (spans.stream().anyMatch(span -> !rejected.isEmpty() && vm(span).equals(rejected))) {
            return CompletableResultCode.ofFailure();
        }
        if (mood == Mood.REFUSES && refusals-- == 0) {
            mood = Mood.HANGS;
        }
        return switch (mood) {
            case TAKES -> {
                taken.addAll(spans);
                yield CompletableResultCode.ofSuccess();
            }
            case REFUSES -> CompletableResultCode.ofFailure();
            case HANGS -> {
                var answer = new CompletableResultCode();
                hanging.add(answer);
                yield answer;
            }
            case THROWS -> throw new IllegalArgumentException("no such header");
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
