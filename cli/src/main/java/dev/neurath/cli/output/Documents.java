package dev.neurath.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Duration;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.neurath.proto.v1.JournalProto;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Messages of the API as documents for scripts: numbers are numbers, times are ISO 8601, durations are milliseconds in fields that say
 * so, enums lose their prefix, what is absent is null.
 *
 * <p>Protobuf's own JSON mapping prints 64-bit numbers as strings and leaves fields out, which every reader would have to undo.
 */
public final class Documents {
    public static final String API_VERSION = "neurath/v1";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final Map<String, Descriptor> JOURNAL = JournalProto.getDescriptor().getMessageTypes().stream()
            .collect(Collectors.toMap(Descriptor::getFullName, type -> type));

    private Documents() {}

    /** One object with its version and kind first. */
    public static ObjectNode of(String kind, Message message) {
        ObjectNode document = headed(kind);
        document.setAll(fields(message));
        return document;
    }

    public static ObjectNode list(String kind, List<? extends Message> items) {
        ObjectNode document = headed(kind + "List");
        ArrayNode array = document.putArray("items");
        items.forEach(item -> array.add(fields(item)));
        return document;
    }

    public static ObjectNode headed(String kind) {
        return NODES.objectNode().put("apiVersion", API_VERSION).put("kind", kind);
    }

    public static ObjectNode fields(Message message) {
        ObjectNode node = NODES.objectNode();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            boolean absent = field.hasPresence() && !message.hasField(field);
            if (absent && field.getRealContainingOneof() != null) {
                continue;
            }
            String name = name(field);
            node.set(name, absent ? NullNode.getInstance() : value(field, message.getField(field)));
        }
        return node;
    }

    private static String name(FieldDescriptor field) {
        boolean duration = field.getJavaType() == JavaType.MESSAGE
                && field.getMessageType().getFullName().equals("google.protobuf.Duration");
        return duration ? field.getJsonName() + "Millis" : field.getJsonName();
    }

    private static JsonNode value(FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            ObjectNode map = NODES.objectNode();
            // A generated message's entries are MapEntry, those of one read by its descriptor alone are not.
            for (Object entry : (List<?>) value) {
                Message pair = (Message) entry;
                Descriptor type = pair.getDescriptorForType();
                map.set(
                        String.valueOf(pair.getField(type.findFieldByName("key"))),
                        scalar(pair.getField(type.findFieldByName("value"))));
            }
            return map;
        }
        if (field.isRepeated()) {
            ArrayNode array = NODES.arrayNode();
            ((List<?>) value).forEach(item -> array.add(scalar(item)));
            return array;
        }
        return scalar(value);
    }

    private static JsonNode scalar(Object value) {
        return switch (value) {
            case String text -> NODES.textNode(text);
            case Boolean flag -> NODES.booleanNode(flag);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number);
            case Double number -> NODES.numberNode(number);
            case Float number -> NODES.numberNode(number);
            case EnumValueDescriptor constant -> NODES.textNode(withoutPrefix(constant));
            case ByteString bytes -> NODES.binaryNode(bytes.toByteArray());
            case Any any -> any(any);
            case Message message -> message(message);
            default -> throw new IllegalArgumentException("no document form for " + value.getClass());
        };
    }

    /** What the journal keeps is shown as it is; what this version does not know stays as bytes. */
    private static JsonNode any(Any any) {
        String type = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
        ObjectNode node = NODES.objectNode().put("type", type);
        Descriptor known = JOURNAL.get(type);
        if (known == null) {
            return node.put("value", any.getValue().toByteArray());
        }
        try {
            node.setAll(fields(DynamicMessage.parseFrom(known, any.getValue())));
            return node;
        } catch (InvalidProtocolBufferException otherVersion) {
            return node.put("value", any.getValue().toByteArray());
        }
    }

    public static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    public static double toMillis(Duration duration) {
        return duration.getSeconds() * 1e3 + duration.getNanos() / 1e6;
    }

    private static JsonNode message(Message message) {
        return switch (message.getDescriptorForType().getFullName()) {
            case "google.protobuf.Timestamp" ->
                NODES.textNode(Instant.ofEpochSecond(number(message, "seconds"), number(message, "nanos"))
                        .toString());
            case "google.protobuf.Duration" ->
                millis(number(message, "seconds") * 1e3 + number(message, "nanos") / 1e6);
            default -> fields(message);
        };
    }

    private static long number(Message message, String field) {
        return ((Number) message.getField(message.getDescriptorForType().findFieldByName(field))).longValue();
    }

    private static JsonNode millis(double millis) {
        return millis == Math.rint(millis) ? NODES.numberNode((long) millis) : NODES.numberNode(millis);
    }

    /** {@code VM_PHASE_STEADY} reads {@code STEADY}: the prefix is the enum's own name. */
    private static String withoutPrefix(EnumValueDescriptor constant) {
        return word(constant.getType().getName(), constant.getName());
    }

    public static String word(Enum<?> constant) {
        return word(constant.getDeclaringClass().getSimpleName(), constant.name());
    }

    private static String word(String type, String name) {
        String prefix = type.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT) + "_";
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }
}
