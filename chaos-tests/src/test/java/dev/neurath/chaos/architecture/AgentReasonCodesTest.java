package dev.neurath.chaos.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.agent.release.ReleaseFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The codes that travel from an agent to an operator. Agent and coordinator do not see each other, so this is kept here. */
class AgentReasonCodesTest {
    private static final Pattern WORD = Pattern.compile("\"([A-Z]{2,}(?:_[A-Z]+)*)\"");
    private static final Set<String> QMP_WORDS = Set.of(
            "QMP",
            "BLOCK_JOB_COMPLETED",
            "DEVICE_DELETED",
            "GUEST_PANICKED",
            "JOB_STATUS_CHANGE",
            "MIGRATION",
            "RESET",
            "RESUME",
            "SHUTDOWN",
            "STOP",
            "SUSPEND");
    private static final Set<String> COMMAND_LINE_WORDS = Set.of("DIR", "ID", "PWD", "SECS");

    @Test
    void every_code_that_an_agent_can_give_as_a_reason_can_be_explained() throws IOException {
        var sent = words();
        sent.removeAll(QMP_WORDS);
        sent.removeAll(COMMAND_LINE_WORDS);
        Arrays.stream(LogFailure.Reason.values()).map(Enum::name).forEach(sent::add);
        Arrays.stream(QmpFailure.Reason.values()).map(reason -> "QMP_" + reason).forEach(sent::add);
        Arrays.stream(ReleaseFailure.Reason.values())
                .map(reason -> "RELEASE_" + reason)
                .forEach(sent::add);
        assertThat(sent).hasSizeGreaterThan(60);

        Set<String> explained = ConfigFactory.parseResources("dev/neurath/coordinator/api/reasons.conf")
                .root()
                .keySet();
        assertThat(explained).containsAll(sent);
    }

    @Test
    void a_word_that_is_no_code_is_one_that_is_still_used() throws IOException {
        assertThat(words()).containsAll(QMP_WORDS).containsAll(COMMAND_LINE_WORDS);
    }

    /** Every literal that looks like a code: a new one is explained, or named above as what it is. */
    private static Set<String> words() throws IOException {
        Path root = Path.of(System.getProperty("neurath.root"));
        var words = new TreeSet<String>();
        for (String sources :
                new String[] {"host-agent/src/main/java", "model/src/main/java/dev/neurath/model/handover"}) {
            try (Stream<Path> files = Files.walk(root.resolve(sources))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    WORD.matcher(Files.readString(file)).results().forEach(found -> words.add(found.group(1)));
                }
            }
        }
        return words;
    }
}
