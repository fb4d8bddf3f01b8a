package dev.neurath.chaos.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.chaos.handover.CrashCell.Second;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A hand-over is broken at every step by killing the coordinator, the agent, the old or the new QEMU. The guest is upgraded or as it was, never two and
 * never none, but where the victim was its sole owner at that instant.
 */
@Tag("qemu")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CrashSuiteTest {
    /** Where the device state is on its way or in both: what a disk and a NIC would show. */
    private static final List<CrashStep> AROUND_THE_SWITCH = List.of(
            CrashStep.MID_STREAM,
            step(Step.AWAIT_STAGED),
            step(Step.LOG_COMMIT),
            step(Step.FREEZE_OLD),
            step(Step.CONT_NEW),
            step(Step.AWAIT_RUNNING));

    private static final Map<CrashGuest, List<CrashResult>> TABLE = new EnumMap<>(CrashGuest.class);

    @ParameterizedTest
    @EnumSource(Victim.class)
    void every_guest_is_upgraded_or_as_it_was(Victim victim) throws Exception {
        tryAll(CrashCell.all(victim), CrashGuest.BEATING);
    }

    /** One victim and one method at a time: six of these guests are what two cores bear. */
    static Stream<Arguments> batches() {
        return Stream.of(Victim.AGENT, Victim.OLD, Victim.NEW)
                .flatMap(victim -> Arrays.stream(Method.values()).map(method -> Arguments.of(victim, method)));
    }

    @ParameterizedTest
    @MethodSource("batches")
    void linux_finds_its_files_in_memory_and_on_disk_unharmed(Victim victim, Method method) throws Exception {
        tryAll(
                AROUND_THE_SWITCH.stream()
                        .map(step -> new CrashCell(step, victim, method))
                        .toList(),
                CrashGuest.LINUX);
    }

    static Stream<Arguments> pairs() {
        return Arrays.stream(Second.values())
                .filter(second -> second != Second.NONE)
                .flatMap(second -> Arrays.stream(Method.values()).map(method -> Arguments.of(second, method)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    @Tag("soak")
    void a_second_blow_beside_the_agents_death_leaves_no_second_guest(Second second, Method method) throws Exception {
        tryAll(CrashCell.pairs(second, method, CrashStep.of(method)), CrashGuest.BEATING);
    }

    private static void tryAll(List<CrashCell> cells, CrashGuest guest) throws Exception {
        Releases releases = Releases.fetch("10.0.2", "11.1.3", line -> {});
        List<CrashResult> results;
        try (var run = new CrashRun(cells, guest, releases.from(), releases.to(), releases.machine())) {
            results = run.run();
        }
        TABLE.computeIfAbsent(guest, any -> new ArrayList<>()).addAll(results);
        assertThat(results).extracting(CrashResult::cell).containsExactlyElementsOf(cells);
        assertThat(results)
                .allSatisfy(result -> assertThat(result.problems())
                        .as(CrashTable.json(result).toPrettyString())
                        .isEmpty());
    }

    @AfterAll
    static void print() throws IOException {
        var text = new StringBuilder();
        TABLE.forEach((guest, results) -> text.append("guest: ")
                .append(guest.label())
                .append('\n')
                .append(CrashTable.text(results))
                .append('\n'));
        System.out.println(text);
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("crash-table.txt"), text);
    }

    private static CrashStep step(Step step) {
        return new CrashStep(step.label());
    }
}
