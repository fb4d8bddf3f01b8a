package dev.neurath.chaos.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In the middle of a hand-over the guest's owner does what he likes, the new QEMU fails, the disk is full, orders come as they should not. What becomes
 * of the guest is what the table says, for every cell.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class InterferenceTest {
    private static final List<InterferenceResult> TABLE = new ArrayList<>();

    /** Where the protocol changes its mind about who owns the guest, and one of each kind besides. */
    static Stream<InterferenceCell> most_telling(Method method) {
        return Stream.of(
                cell(Step.CHECK_OLD, Interference.PAUSE, method),
                cell(Step.HOLD_READY, Interference.PAUSE, method),
                cell(Step.CONNECT_NEW, Interference.PAUSE, method),
                cell(Step.CHECK_NEW, Interference.RESET, method),
                cell(Step.HOLD_READY, Interference.RESET, method),
                cell(Step.LOG_COMMIT, Interference.RESET, method),
                cell(Step.HOLD_READY, Interference.POWER_OFF, method),
                cell(Step.LOG_COMMIT, Interference.POWER_OFF, method),
                cell(Step.FREEZE_OLD, Interference.QUIT, method),
                cell(Step.LOG_COMMIT, Interference.CONT, method),
                cell(Step.CONNECT_NEW, Interference.NEW_HANGS, method),
                cell(Step.START_NEW, Interference.NEW_ENDS_AT_START, method),
                new InterferenceCell(CrashStep.MID_STREAM, Interference.NEW_REFUSES_CONT, method),
                cell(Step.START_NEW, Interference.RELEASE_WRONG_HASH, method),
                cell(Step.LOG_BEGIN, Interference.DISK_FULL, method),
                cell(Step.LOG_COMMIT, Interference.DISK_FULL, method),
                cell(Step.HOLD_READY, Interference.ORDER_TWICE, method),
                cell(Step.CHECK_NEW, Interference.ORDER_LATE, method),
                cell(Step.HOLD_READY, Interference.ORDER_BELOW_FLOOR, method));
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    @Tag("qemu")
    void the_guest_ends_as_the_table_says(Method method) throws Exception {
        tryAll(most_telling(method).toList());
    }

    static Stream<Arguments> everything() {
        return Arrays.stream(Interference.values())
                .flatMap(by -> Arrays.stream(Method.values())
                        .filter(method -> !InterferenceTable.cells(by, method).isEmpty())
                        .map(method -> Arguments.of(by, method)));
    }

    @ParameterizedTest
    @MethodSource("everything")
    @Tag("qemu")
    @Tag("soak")
    void every_cell_of_the_table_holds(Interference by, Method method) throws Exception {
        tryAll(InterferenceTable.cells(by, method));
    }

    @Test
    void every_cell_has_one_row_and_what_the_owner_does_has_one_wherever_old_lives() {
        for (InterferenceTable.Row row : InterferenceTable.ROWS) {
            assertThat(row.first().order())
                    .as(row.toString())
                    .isLessThanOrEqualTo(row.last().order());
        }
        for (Method method : Method.values()) {
            for (CrashStep step : CrashStep.of(method)) {
                for (Interference by : Interference.values()) {
                    assertThat(InterferenceTable.ROWS.stream()
                                    .filter(row -> row.by() == by && step.within(row.first(), row.last())))
                            .as(by + " at " + step)
                            .hasSizeLessThanOrEqualTo(1);
                    if (by.by() == Interference.By.OWNER) {
                        assertThat(InterferenceTable.row(by, step, method).isPresent())
                                .as(by + " at " + step)
                                .isEqualTo(step.has(Victim.OLD));
                    }
                }
            }
        }
        assertThat(InterferenceTable.ROWS)
                .allSatisfy(row -> assertThat(row.fates()).doesNotContain(Fate.LOST, Fate.QUARANTINED, Fate.UNSETTLED));
    }

    private static InterferenceCell cell(Step step, Interference by, Method method) {
        return new InterferenceCell(new CrashStep(step.label()), by, method);
    }

    private static void tryAll(List<InterferenceCell> cells) throws Exception {
        Releases releases = Releases.fetch("10.0.2", "11.1.3", line -> {});
        List<InterferenceResult> results;
        try (var run = new InterferenceRun(cells, releases)) {
            results = run.run();
        }
        TABLE.addAll(results);
        assertThat(results).extracting(InterferenceResult::cell).containsExactlyInAnyOrderElementsOf(cells);
        assertThat(results)
                .allSatisfy(result -> assertThat(result.problems())
                        .as(result.json().toPrettyString())
                        .isEmpty());
    }

    @AfterAll
    static void print() throws IOException {
        String text = InterferenceResult.text(TABLE);
        System.out.println(text);
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("interference-table.txt"), text);
    }
}
