package dev.neurath.coordinator.traces;

import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/** Whoever takes OTLP over HTTP, in protobuf. What it does not take is offered again by {@link TraceExport}, not here. */
public final class Collector {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The library's own. Kept, or what is set here would be forgotten with it. */
    private static final Logger LIBRARY = Logger.getLogger("io.opentelemetry.exporter");

    static {
        // It would write to stderr past the node's log, in a form of its own.
        LIBRARY.setUseParentHandlers(false);
        LIBRARY.addHandler(new IntoOurLog());
    }

    private Collector() {}

    /** @param endpoint with its path, for example {@code http://127.0.0.1:4318/v1/traces} */
    public static SpanExporter at(URI endpoint) {
        return OtlpHttpSpanExporter.builder()
                .setEndpoint(endpoint.toString())
                .setConnectTimeout(PATIENCE)
                .setTimeout(PATIENCE)
                .setRetryPolicy(null)
                .setMeterProvider(MeterProvider.noop())
                .build();
    }

    /** Which status a collector answers with is said nowhere else. Each sentence once: it comes again with every try. */
    private static final class IntoOurLog extends Handler {
        private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(Collector.class);

        private final AtomicReference<String> last = new AtomicReference<>("");

        @Override
        public void publish(LogRecord record) {
            String sentence = String.valueOf(record.getMessage());
            if (!sentence.equals(last.getAndSet(sentence))) {
                LOG.warn("{}", sentence);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
