package dev.neurath.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReasonCodesTest {
    private static final Pattern REFUSAL =
            Pattern.compile("(?:[rR]efuse|Refusal\\.of|untrusted|\\bno)\\(\\s*\"([A-Z][A-Z_]*[A-Z])\"");

    @Test
    void every_code_that_the_rules_and_the_api_refuse_with_can_be_explained() throws IOException {
        Path root = Path.of(System.getProperty("neurath.root"));
        var used = new TreeSet<String>();
        used.addAll(codesIn(root.resolve("model/src/main/java")));
        used.addAll(codesIn(root.resolve("coordinator/src/main/java")));
        used.addAll(codesIn(root.resolve("identity/src/main/java")));
        used.addAll(codesIn(root.resolve("host-actors/src/main/java")));
        assertThat(used).contains("CERTIFICATE_EXPIRED").hasSizeGreaterThan(30);
        assertThat(ReasonCodes.load().known()).containsAll(used);
    }

    private static Set<String> codesIn(Path sources) throws IOException {
        var codes = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                REFUSAL.matcher(Files.readString(file)).results().forEach(found -> codes.add(found.group(1)));
            }
        }
        return codes;
    }
}
