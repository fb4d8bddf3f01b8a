package dev.neurath.agent.qmp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The four kinds of line that QEMU sends, and nothing else; source: QEMU's docs/interop/qmp-spec. */
sealed interface QmpMessage {
    ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Of the year 9999. */
    long LAST_SECOND = 253_402_300_799L;

    record Greeting(JsonNode version, boolean outOfBand) implements QmpMessage {}

    record Event(String name, JsonNode data, Optional<Instant> emitted) implements QmpMessage {}

    record Reply(String id, JsonNode value) implements QmpMessage {}

    record Refusal(String id, String errorClass, String description) implements QmpMessage {}

    /** Empty when the line is none of them. */
    static Optional<QmpMessage> parse(byte[] line) {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (IOException e) {
            return Optional.empty();
        }
        if (!json.isObject()) {
            return Optional.empty();
        }
        if (json.path("QMP").isObject()) {
            boolean outOfBand = false;
            for (JsonNode capability : json.path("QMP").path("capabilities")) {
                outOfBand |= "oob".equals(capability.asText());
            }
            return Optional.of(new Greeting(json.path("QMP").path("version"), outOfBand));
        }
        if (json.path("event").isTextual()) {
            return Optional.of(
                    new Event(json.path("event").asText(), json.path("data"), emitted(json.path("timestamp"))));
        }
        if (!json.path("id").isTextual()) {
            return Optional.empty();
        }
        String id = json.path("id").asText();
        if (json.has("return")) {
            return Optional.of(new Reply(id, json.path("return")));
        }
        JsonNode error = json.path("error");
        return error.isObject()
                ? Optional.of(new Refusal(
                        id, error.path("class").asText(), error.path("desc").asText()))
                : Optional.empty();
    }

    /** Both are -1 if QEMU's host had no time for it; what no clock can show is no time either. */
    private static Optional<Instant> emitted(JsonNode timestamp) {
        JsonNode seconds = timestamp.path("seconds");
        JsonNode micros = timestamp.path("microseconds");
        boolean possible = isBetweenZeroAnd(LAST_SECOND, seconds) && isBetweenZeroAnd(999_999, micros);
        return possible
                ? Optional.of(Instant.ofEpochSecond(seconds.asLong(), micros.asLong() * 1000))
                : Optional.empty();
    }

    private static boolean isBetweenZeroAnd(long last, JsonNode number) {
        return number.isIntegralNumber()
                && number.canConvertToLong()
                && number.asLong() >= 0
                && number.asLong() <= last;
    }

    static byte[] command(String id, String command, Map<String, ?> arguments, boolean outOfBand) {
        ObjectNode json = JSON.createObjectNode();
        json.put(outOfBand ? "exec-oob" : "execute", command);
        if (!arguments.isEmpty()) {
            json.set("arguments", JSON.valueToTree(arguments));
        }
        json.put("id", id);
        try {
            byte[] body = JSON.writeValueAsBytes(json);
            byte[] line = java.util.Arrays.copyOf(body, body.length + 1);
            line[body.length] = '\n';
            return line;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("arguments of " + command + " are no JSON", e);
        }
    }
}
