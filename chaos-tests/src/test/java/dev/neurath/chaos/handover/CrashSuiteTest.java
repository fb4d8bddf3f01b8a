package dev.neurath.chaos.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A hand-over is broken at every step by killing the agent, the old or the new QEMU. The guest is upgraded or as it was, never two and never none, but
 * where the victim was its sole owner at that instant.
 */
@Tag("qemu")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CrashSuiteTest {
    @ParameterizedTest
    @EnumSource(names = {"AGENT", "OLD", "NEW"})
    void every_guest_is_upgraded_or_as_it_was(Victim victim) throws Exception {
        Releases releases = Releases.fetch("10.0.2", "11.1.3", line -> {});
        List<CrashResult> results;
        try (var run = new CrashRun(
                CrashCell.all(victim), CrashGuest.BEATING, releases.from(), releases.to(), "pc-q35-10.0")) {
            results = run.run();
        }
        System.out.println(CrashTable.text(results));
        assertThat(results)
                .allSatisfy(result -> assertThat(result.problems())
                        .as(CrashTable.json(result).toPrettyString())
                        .isEmpty());
    }
}
