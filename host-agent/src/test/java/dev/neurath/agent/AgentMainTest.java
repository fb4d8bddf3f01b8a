package dev.neurath.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.handover.HoldPoints;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentMainTest {
    @Test
    void help_is_printed_on_stdout_and_is_no_failure() {
        var out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertThat(AgentMain.run(List.of("--help"), HoldPoints.NONE)).isZero();
        } finally {
            System.setOut(before);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("--coordinator", "--guest-timeout");
    }
}
