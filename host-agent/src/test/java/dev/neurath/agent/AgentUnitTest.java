package dev.neurath.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.handover.HoldPoints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The systemd unit that runs an agent in production. */
class AgentUnitTest {
    private static final Path UNIT =
            Path.of(System.getProperty("neurath.root"), "packaging/systemd/neurath-agent.service");

    @Test
    void its_end_ends_no_guest_and_leaves_their_sockets() throws IOException {
        assertThat(Files.readAllLines(UNIT)).contains("KillMode=process", "RuntimeDirectoryPreserve=yes");
    }

    @Test
    void it_uses_options_that_there_are() throws IOException {
        var shown = new ByteArrayOutputStream();
        try (var out = new PrintStream(shown, true, StandardCharsets.UTF_8)) {
            AgentMain.run(List.of("--help"), Map.of(), HoldPoints.NONE, out, out);
        }
        List<String> used = Pattern.compile("--[a-z-]+")
                .matcher(Files.readString(UNIT))
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(used).isNotEmpty();
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains(used);
    }
}
