package dev.neurath.testbed.apt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One package source as the machine's apt configuration states it, in either of its two forms (one-line and deb822; see
 * sources.list(5)). Only binary sources count, and only what is needed to ask the same mirror for another suite.
 *
 * @param signedBy a keyring's path, a fingerprint or a whole key; empty when the machine's general keyrings hold
 */
public record AptSource(
        List<String> uris, List<String> suites, List<String> components, String signedBy, boolean trusted) {

    private static final Pattern ONE_LINE = Pattern.compile("deb\\s+(?:\\[([^]]*)]\\s*)?(\\S+)\\s+(\\S+)(?:\\s+(.*))?");

    /** Reads the one-line form, {@code *.list}. */
    public static List<AptSource> ofOneLineForm(String text) {
        List<AptSource> sources = new ArrayList<>();
        for (String raw : text.lines().toList()) {
            Matcher line = ONE_LINE.matcher(raw.replaceFirst("#.*", "").strip());
            if (!line.matches()) {
                continue;
            }
            Map<String, String> options = new LinkedHashMap<>();
            String stated = line.group(1) == null ? "" : line.group(1).strip();
            for (String option : stated.isEmpty() ? new String[0] : stated.split("\\s+")) {
                int equals = option.indexOf('=');
                if (equals > 0) {
                    options.put(option.substring(0, equals).toLowerCase(Locale.ROOT), option.substring(equals + 1));
                }
            }
            sources.add(new AptSource(
                    List.of(line.group(2)),
                    List.of(line.group(3)),
                    words(line.group(4) == null ? "" : line.group(4)),
                    options.getOrDefault("signed-by", ""),
                    isYes(options.getOrDefault("trusted", "no"))));
        }
        return sources;
    }

    /** Reads the deb822 form, {@code *.sources}. */
    public static List<AptSource> ofDeb822Form(String text) {
        List<AptSource> sources = new ArrayList<>();
        for (String stanza : text.replaceAll("(?m)^#.*\\R?", "").split("\\R[ \\t]*\\R")) {
            Map<String, String> fields = fields(stanza);
            if (!words(fields.getOrDefault("types", "")).contains("deb")
                    || !isYes(fields.getOrDefault("enabled", "yes"))) {
                continue;
            }
            sources.add(new AptSource(
                    words(fields.getOrDefault("uris", "")),
                    words(fields.getOrDefault("suites", "")),
                    words(fields.getOrDefault("components", "")),
                    fields.getOrDefault("signed-by", ""),
                    isYes(fields.getOrDefault("trusted", "no"))));
        }
        return sources;
    }

    private static Map<String, String> fields(String stanza) {
        Map<String, String> fields = new LinkedHashMap<>();
        String name = "";
        for (String line : stanza.lines().toList()) {
            if (!line.isEmpty() && Character.isWhitespace(line.charAt(0))) {
                // A key may stand in the field itself; its lines, " ." for an empty one, are kept as they are.
                fields.merge(name, "\n" + line, String::concat);
            } else if (line.indexOf(':') > 0) {
                name = line.substring(0, line.indexOf(':')).strip().toLowerCase(Locale.ROOT);
                fields.put(name, line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return fields;
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private static boolean isYes(String text) {
        return List.of("yes", "true", "1", "on").contains(text.strip().toLowerCase(Locale.ROOT));
    }
}
