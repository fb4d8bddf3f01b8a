package dev.neurath.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.google.protobuf.Message;
import java.util.List;
import java.util.function.Supplier;

/** Puts one answer on stdout in the format that was asked for. */
public final class Printer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory().enable(YAMLGenerator.Feature.MINIMIZE_QUOTES));

    private final Console console;
    private final OutputFormat format;

    public Printer(Console console, OutputFormat format) {
        this.console = console;
        this.format = format;
    }

    public OutputFormat format() {
        return format;
    }

    public void one(String kind, Message message, Supplier<List<StyledLine>> lines) {
        if (format.isDocument()) {
            document(Documents.of(kind, message));
        } else {
            lines(lines.get());
        }
    }

    public void list(String kind, List<? extends Message> items, Supplier<List<StyledLine>> lines) {
        if (format.isDocument()) {
            document(Documents.list(kind, items));
        } else {
            lines(lines.get());
        }
    }

    public void document(JsonNode document) {
        console.out().println(format == OutputFormat.yaml ? yaml(document) : json(document, true));
    }

    /** One object of a stream: a line of its own, or a YAML document of its own. */
    public void streamed(JsonNode document) {
        console.out().println(format == OutputFormat.yaml ? yaml(document) : json(document, false));
        console.out().flush();
    }

    public void lines(List<StyledLine> lines) {
        int width =
                format == OutputFormat.wide ? Integer.MAX_VALUE : console.size().columns();
        lines.forEach(line -> console.out().println(line.render(width, console.color())));
    }

    private static String json(JsonNode document, boolean pretty) {
        try {
            return pretty
                    ? JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document)
                    : JSON.writeValueAsString(document);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree always has a JSON form", impossible);
        }
    }

    private static String yaml(JsonNode document) {
        try {
            return YAML.writeValueAsString(document).stripTrailing();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree always has a YAML form", impossible);
        }
    }
}
