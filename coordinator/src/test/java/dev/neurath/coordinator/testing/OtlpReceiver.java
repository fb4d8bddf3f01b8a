package dev.neurath.coordinator.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * A collector that takes OTLP by HTTP and reads it by the field numbers of opentelemetry/proto/trace/v1/trace.proto, without any of the libraries
 * that made it.
 */
public final class OtlpReceiver implements AutoCloseable {
    private static final int RESOURCE_SPANS = 1;
    private static final int RESOURCE = 1;
    private static final int SCOPE_SPANS = 2;
    private static final int SPANS = 2;

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<String> mistakes = new CopyOnWriteArrayList<>();

    /**
     * As it came.
     *
     * @param parent empty for a root
     * @param status 0 unset, 1 OK, 2 error
     * @param attributes those that are text
     */
    public record Span(
            String trace,
            String id,
            String parent,
            String name,
            long startNanos,
            long endNanos,
            int status,
            Map<String, String> attributes,
            Map<String, String> resource) {}

    private OtlpReceiver(HttpServer server) {
        this.server = server;
    }

    public static OtlpReceiver start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var receiver = new OtlpReceiver(server);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/traces", receiver::take);
        server.start();
        return receiver;
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
    }

    /** In the order of their coming; what came twice is there twice. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    /** Requests that are none. */
    public List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            String type = exchange.getRequestHeaders().getFirst("Content-Type");
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                if (!exchange.getRequestMethod().equals("POST") || !"application/x-protobuf".equals(type)) {
                    throw new IOException(exchange.getRequestMethod() + " of " + type);
                }
                spans.addAll(read(body));
                exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
                exchange.sendResponseHeaders(200, -1);
            } catch (IOException | RuntimeException e) {
                mistakes.add(e.toString());
                exchange.sendResponseHeaders(400, -1);
            }
        }
    }

    private static List<Span> read(byte[] request) throws InvalidProtocolBufferException {
        var found = new ArrayList<Span>();
        for (UnknownFieldSet ofResource : messages(UnknownFieldSet.parseFrom(request), RESOURCE_SPANS)) {
            Map<String, String> resource = texts(messages(ofResource, RESOURCE).getFirst(), 1);
            for (UnknownFieldSet ofScope : messages(ofResource, SCOPE_SPANS)) {
                for (UnknownFieldSet span : messages(ofScope, SPANS)) {
                    found.add(span(span, resource));
                }
            }
        }
        return found;
    }

    private static Span span(UnknownFieldSet span, Map<String, String> resource) throws InvalidProtocolBufferException {
        int status = 0;
        for (UnknownFieldSet message : messages(span, 15)) {
            for (long code : message.getField(3).getVarintList()) {
                status = Math.toIntExact(code);
            }
        }
        return new Span(
                hex(span, 1),
                hex(span, 2),
                hex(span, 4),
                text(span, 5),
                span.getField(7).getFixed64List().getFirst(),
                span.getField(8).getFixed64List().getFirst(),
                status,
                texts(span, 9),
                resource);
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet in, int field) throws InvalidProtocolBufferException {
        var found = new ArrayList<UnknownFieldSet>();
        for (ByteString bytes : in.getField(field).getLengthDelimitedList()) {
            found.add(UnknownFieldSet.parseFrom(bytes));
        }
        return found;
    }

    /** KeyValue { key = 1, value = 2 { string_value = 1 } } */
    private static Map<String, String> texts(UnknownFieldSet in, int field) throws InvalidProtocolBufferException {
        var found = new LinkedHashMap<String, String>();
        for (UnknownFieldSet pair : messages(in, field)) {
            for (UnknownFieldSet value : messages(pair, 2)) {
                if (value.hasField(1)) {
                    found.put(text(pair, 1), text(value, 1));
                }
            }
        }
        return found;
    }

    private static String text(UnknownFieldSet in, int field) {
        return bytes(in, field).toStringUtf8();
    }

    private static String hex(UnknownFieldSet in, int field) {
        return HexFormat.of().formatHex(bytes(in, field).toByteArray());
    }

    private static ByteString bytes(UnknownFieldSet in, int field) {
        List<ByteString> values = in.getField(field).getLengthDelimitedList();
        return values.isEmpty() ? ByteString.EMPTY : values.getFirst();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
