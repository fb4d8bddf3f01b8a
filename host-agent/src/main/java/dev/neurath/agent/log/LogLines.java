package dev.neurath.agent.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The log's format: one line per entry, "CRC32C JSON", readable by people; zero bytes are reserved space.
 *
 * <p>An invalid last line is a torn write and counts as never written; an invalid line before a valid one is damage.
 */
final class LogLines {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CRC_CHARS = 8;

    private LogLines() {}

    /**
     * What a file held.
     *
     * @param end where the next line goes
     * @param damaged a line in the middle is invalid
     * @param foreign there are whole lines and none of them is valid: no write of ours that was torn leaves that
     */
    record Content(List<JsonNode> lines, int end, boolean damaged, boolean foreign) {}

    static byte[] line(ObjectNode json) {
        try {
            byte[] body = JSON.writeValueAsBytes(json);
            return (crc(body) + " " + new String(body, StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a log entry is no JSON", e);
        }
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static Content read(byte[] bytes) {
        List<JsonNode> lines = new ArrayList<>();
        int end = 0;
        int start = 0;
        boolean invalid = false;
        boolean damaged = false;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '\n') {
                continue;
            }
            Optional<JsonNode> line = parse(Arrays.copyOfRange(bytes, start, i));
            start = i + 1;
            if (line.isPresent()) {
                damaged |= invalid;
                lines.add(line.get());
                end = start;
            } else {
                invalid = true;
            }
        }
        return new Content(lines, end, damaged, invalid && lines.isEmpty());
    }

    private static Optional<JsonNode> parse(byte[] line) {
        if (line.length <= CRC_CHARS) {
            return Optional.empty();
        }
        byte[] body = Arrays.copyOfRange(line, CRC_CHARS + 1, line.length);
        if (!crc(body).equals(new String(line, 0, CRC_CHARS, StandardCharsets.ISO_8859_1))) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readTree(body));
        } catch (java.io.IOException e) {
            return Optional.empty();
        }
    }

    private static String crc(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
