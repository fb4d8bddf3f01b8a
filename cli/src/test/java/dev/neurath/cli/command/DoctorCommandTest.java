package dev.neurath.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.cli.Captured;
import dev.neurath.cli.FakeCoordinator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DoctorCommandTest {
    /** The stand-in is such a node: it has no GetFreeze. */
    @Test
    void a_node_of_an_older_build_that_knows_of_no_freeze_leaves_the_other_findings_as_they_are() {
        try (var coordinator = new FakeCoordinator()) {
            String out =
                    Captured.run("doctor", "--server", coordinator.address()).out();
            assertThat(out).contains("None of 0 VMs needs you").contains("is not known");
            assertThat(out.lines().filter(line -> line.startsWith("freeze")))
                    .singleElement()
                    .asString()
                    .contains("WARN");
        }
    }
}
