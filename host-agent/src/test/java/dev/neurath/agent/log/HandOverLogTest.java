package dev.neurath.agent.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neurath.agent.log.LogFailure.Reason;
import dev.neurath.agent.log.LogRecord.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandOverLogTest {
    private static final String BOOT = "boot-a";

    @TempDir
    Path disk;

    private Path tmpfs;
    private final FaultyStorage storage = new FaultyStorage();

    /** Real files, and a switch that makes the next writes or syncs of chosen files fail. */
    private static final class FaultyStorage implements LogStorage {
        String failing = "";
        int bytesBeforeFailure;

        @Override
        public LogFile open(Path path) throws IOException {
            LogFile real = LogStorage.FILES.open(path);
            return new LogFile() {
                @Override
                public byte[] readAll() throws IOException {
                    return real.readAll();
                }

                @Override
                public void write(long position, byte[] bytes) throws IOException {
                    if (!failing.isEmpty() && path.toString().contains(failing)) {
                        real.write(
                                position, java.util.Arrays.copyOf(bytes, Math.min(bytes.length, bytesBeforeFailure)));
                        throw new IOException("No space left on device");
                    }
                    real.write(position, bytes);
                }

                @Override
                public void sync() throws IOException {
                    real.sync();
                }

                @Override
                public void truncate(long length) throws IOException {
                    real.truncate(length);
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }
    }

    @BeforeEach
    void makeTmpfs() throws IOException {
        tmpfs = Files.createTempDirectory(Path.of("/dev/shm"), "log-test-");
    }

    @AfterEach
    void removeTmpfs() throws IOException {
        try (var files = Files.walk(tmpfs)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void it_opens_again_with_the_records_in_the_order_in_which_they_were_written() throws IOException {
        List<LogRecord> written = List.of(
                LogRecord.of(Kind.FLOOR, 3),
                new LogRecord(Kind.BEGIN, 3, Map.of("role", "HAND_OVER", "path", "/run/x\n\"y\" ü")),
                LogRecord.of(Kind.SWITCH, 3),
                LogRecord.of(Kind.UNDO, 3),
                new LogRecord(Kind.DONE, 3, Map.of("outcome", "AS_IT_WAS")));
        write(written);
        assertThat(reopened(BOOT).records()).isEqualTo(written);
        assertThat(reopened(BOOT).damage()).isEmpty();
        assertThat(reopened(BOOT).floor()).isEqualTo(3);
    }

    @Test
    void after_every_record_the_last_one_survives_the_agents_end() throws IOException {
        HandOverLog log = reopened(BOOT);
        log.reserve();
        for (Kind kind : List.of(Kind.FLOOR, Kind.BEGIN, Kind.SWITCH, Kind.COMMIT, Kind.UNDO, Kind.DONE)) {
            log.append(LogRecord.of(kind, 1));
            // Not closed: what a killed process leaves is what it had written.
            assertThat(reopened(BOOT).last()).hasValue(LogRecord.of(kind, 1));
        }
    }

    @Test
    void on_another_boot_only_the_durable_records_count() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1), LogRecord.of(Kind.COMMIT, 1)));
        HandOverLog log = reopened("boot-b");
        assertThat(log.last()).hasValue(LogRecord.of(Kind.BEGIN, 1));
        assertThat(log.damage()).isEmpty();
    }

    @Test
    void what_is_written_after_a_reboot_leaves_the_log_undamaged() throws IOException {
        write(List.of(
                LogRecord.of(Kind.FLOOR, 1),
                LogRecord.of(Kind.BEGIN, 1),
                LogRecord.of(Kind.SWITCH, 1),
                LogRecord.of(Kind.COMMIT, 1),
                LogRecord.of(Kind.DONE, 1),
                LogRecord.of(Kind.FLOOR, 2),
                LogRecord.of(Kind.BEGIN, 2),
                LogRecord.of(Kind.SWITCH, 2)));
        Files.delete(memory());
        try (HandOverLog log = reopened("boot-b")) {
            log.append(LogRecord.of(Kind.FLOOR, 3));
        }
        try (HandOverLog log = reopened("boot-b")) {
            assertThat(log.damage()).isEmpty();
            log.append(LogRecord.of(Kind.DONE, 2));
            log.reserve();
            log.append(LogRecord.of(Kind.FLOOR, 4));
            log.append(LogRecord.of(Kind.BEGIN, 4));
            log.append(LogRecord.of(Kind.SWITCH, 4));
        }
        assertThat(reopened("boot-b").damage()).isEmpty();
        assertThat(reopened("boot-b").last()).hasValue(LogRecord.of(Kind.SWITCH, 4));
        Files.delete(memory());
        assertThat(reopened("boot-b").damage()).as("of this boot").isPresent();
    }

    @Test
    void a_record_that_is_missing_after_a_reboot_is_damage_still() throws IOException {
        write(List.of(LogRecord.of(Kind.BEGIN, 1), LogRecord.of(Kind.SWITCH, 1)));
        try (HandOverLog log = reopened("boot-b")) {
            log.append(LogRecord.of(Kind.DONE, 1));
            log.reserve();
            for (Kind kind : List.of(Kind.FLOOR, Kind.BEGIN, Kind.SWITCH)) {
                log.append(LogRecord.of(kind, 2));
            }
        }
        byte[] bytes = Files.readAllBytes(durable());
        int begin = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("FLOOR");
        bytes[begin] ^= 1;
        Files.write(durable(), bytes);
        assertThat(reopened("boot-b").damage()).isPresent();
    }

    @Test
    void an_undo_written_after_the_part_in_memory_was_lost_is_found_again() throws IOException {
        write(List.of(
                LogRecord.of(Kind.FLOOR, 1),
                LogRecord.of(Kind.BEGIN, 1),
                LogRecord.of(Kind.SWITCH, 1),
                LogRecord.of(Kind.COMMIT, 1)));
        Files.delete(memory());
        try (HandOverLog log = reopened(BOOT)) {
            log.append(LogRecord.of(Kind.UNDO, 1));
        }
        for (int opened = 0; opened < 2; opened++) {
            HandOverLog log = reopened(BOOT);
            assertThat(log.last()).hasValue(LogRecord.of(Kind.UNDO, 1));
            assertThat(log.damage())
                    .as("whether SWITCH was written is not known")
                    .isPresent();
        }
    }

    @Test
    void an_undo_whose_part_in_memory_cannot_be_named_on_disk_counts_as_not_written() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1), LogRecord.of(Kind.COMMIT, 1)));
        Files.delete(memory());
        HandOverLog log = reopened(BOOT);
        storage.failing = disk.toString();
        assertThat(catchThrowableOfType(LogFailure.class, () -> log.append(LogRecord.of(Kind.UNDO, 1)))
                        .reason())
                .isEqualTo(Reason.WRITE_FAILED);
        storage.failing = "";
        log.append(LogRecord.of(Kind.UNDO, 1));
        assertThat(reopened(BOOT).last()).hasValue(LogRecord.of(Kind.UNDO, 1));
    }

    @Test
    void the_room_for_an_open_attempts_end_outlives_the_agent() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1)));
        int end = textOf(durable()).length;
        try (HandOverLog log = reopened(BOOT)) {
            assertThat(Files.size(durable())).isGreaterThanOrEqualTo(end + (16 << 10));
            assertThat(log.records()).hasSize(2);
            log.append(LogRecord.of(Kind.DONE, 1));
        }
        reopened(BOOT).close();
        assertThat(Files.size(durable())).as("at rest").isLessThan(16 << 10);
    }

    @Test
    void an_open_attempt_is_found_although_no_room_is_left_for_its_end() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1)));
        storage.failing = disk.toString();
        try (HandOverLog log = reopened(BOOT)) {
            assertThat(log.last()).hasValue(LogRecord.of(Kind.BEGIN, 1));
            storage.failing = "";
            log.append(LogRecord.of(Kind.DONE, 1));
        }
        assertThat(reopened(BOOT).last()).hasValue(LogRecord.of(Kind.DONE, 1));
    }

    @Test
    void a_torn_record_at_the_end_was_never_written() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1)));
        byte[] bytes = textOf(durable());
        Files.write(durable(), java.util.Arrays.copyOf(bytes, bytes.length - 5));
        HandOverLog log = reopened(BOOT);
        assertThat(log.records()).containsExactly(LogRecord.of(Kind.FLOOR, 1));
        assertThat(log.damage()).isEmpty();
        log.append(LogRecord.of(Kind.BEGIN, 2));
        assertThat(reopened(BOOT).records()).containsExactly(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 2));
        assertThat(reopened(BOOT).damage()).isEmpty();
    }

    @Test
    void a_record_torn_at_any_byte_in_the_pause_leaves_those_before_it() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1), LogRecord.of(Kind.SWITCH, 1)));
        byte[] before = Files.readAllBytes(memory());
        write(List.of(LogRecord.of(Kind.COMMIT, 1)));
        byte[] after = Files.readAllBytes(memory());
        int end = endOf(after);
        for (int torn = endOf(before); torn < end; torn++) {
            byte[] bytes = before.clone();
            System.arraycopy(after, 0, bytes, 0, torn);
            Files.write(memory(), bytes);
            HandOverLog log = reopened(BOOT);
            assertThat(log.last()).as("torn at %d", torn).hasValue(LogRecord.of(Kind.SWITCH, 1));
            assertThat(log.damage()).isEmpty();
        }
    }

    @Test
    void damage_in_the_middle_is_reported_and_the_valid_records_stay_readable() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1), LogRecord.of(Kind.DONE, 1)));
        byte[] bytes = Files.readAllBytes(durable());
        int second = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("BEGIN");
        bytes[second] ^= 1;
        Files.write(durable(), bytes);
        HandOverLog log = reopened(BOOT);
        assertThat(log.damage()).isPresent();
        assertThat(log.records()).containsExactly(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.DONE, 1));
    }

    @Test
    void a_vanished_part_in_memory_is_damage_and_never_a_missing_commit() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1), LogRecord.of(Kind.COMMIT, 1)));
        Files.delete(memory());
        assertThat(reopened(BOOT).damage()).isPresent();
    }

    @Test
    void a_part_in_memory_of_an_older_log_is_damage() throws IOException {
        write(List.of(LogRecord.of(Kind.FLOOR, 1), LogRecord.of(Kind.BEGIN, 1)));
        String text = new String(Files.readAllBytes(memory()), StandardCharsets.UTF_8);
        Files.delete(durable());
        Files.delete(memory());
        write(List.of(LogRecord.of(Kind.FLOOR, 2), LogRecord.of(Kind.BEGIN, 2)));
        Files.writeString(memory(), text);
        assertThat(reopened(BOOT).damage()).isPresent();
    }

    @Test
    void compaction_keeps_the_floor_the_last_outcome_and_an_attempt_in_flight() throws IOException {
        HandOverLog log = reopened(BOOT);
        for (long g = 1; g <= 3; g++) {
            log.reserve();
            log.append(LogRecord.of(Kind.FLOOR, g));
            log.append(LogRecord.of(Kind.BEGIN, g));
            log.append(LogRecord.of(Kind.SWITCH, g));
            log.append(new LogRecord(Kind.DONE, g, Map.of("outcome", "UPGRADED")));
        }
        log.compact();
        assertThat(log.records())
                .containsExactly(
                        LogRecord.of(Kind.FLOOR, 3), new LogRecord(Kind.DONE, 3, Map.of("outcome", "UPGRADED")));
        assertThat(memory()).doesNotExist();
        assertThat(reopened(BOOT).records()).isEqualTo(log.records());
        log.reserve();
        log.append(LogRecord.of(Kind.FLOOR, 4));
        log.append(LogRecord.of(Kind.BEGIN, 4));
        log.append(LogRecord.of(Kind.COMMIT, 4));
        log.compact();
        assertThat(log.last()).hasValue(LogRecord.of(Kind.COMMIT, 4));
        assertThat(reopened(BOOT).records()).isEqualTo(log.records());
        assertThat(reopened(BOOT).damage()).isEmpty();
    }

    @Test
    void hundreds_of_attempts_stay_within_bounds() throws IOException {
        HandOverLog log = reopened(BOOT);
        for (long g = 1; g <= 300; g++) {
            log.reserve();
            for (Kind kind : Kind.values()) {
                log.append(LogRecord.of(kind, g));
            }
        }
        assertThat(Files.size(durable())).isLessThan(200_000);
        assertThat(Files.size(memory())).isEqualTo(16 << 10);
        assertThat(reopened(BOOT).last()).hasValue(LogRecord.of(Kind.DONE, 300));
        assertThat(reopened(BOOT).floor()).isEqualTo(300);
    }

    @Test
    void what_could_not_be_begun_on_a_full_disk_can_be_undone_on_it() throws IOException {
        HandOverLog log = reopened(BOOT);
        storage.failing = disk.toString();
        assertThat(catchThrowableOfType(LogFailure.class, log::reserve).reason())
                .isEqualTo(Reason.LOG_SPACE);
        log.append(LogRecord.of(Kind.UNDO, 1));
        assertThat(catchThrowableOfType(LogFailure.class, () -> log.append(LogRecord.of(Kind.DONE, 1)))
                        .reason())
                .isEqualTo(Reason.WRITE_FAILED);
        storage.failing = "";
        log.append(LogRecord.of(Kind.DONE, 1));
        assertThat(reopened(BOOT).records()).containsExactly(LogRecord.of(Kind.UNDO, 1), LogRecord.of(Kind.DONE, 1));
        assertThat(reopened(BOOT).damage()).isEmpty();
        // Told as ended, it must not be begun by the same order, which may come again.
        assertThat(reopened(BOOT).floor()).isEqualTo(1);
    }

    @Test
    void without_room_for_an_attempt_it_is_refused_before_it_begins() throws IOException {
        HandOverLog log = reopened(BOOT);
        for (String place : List.of(disk.toString(), tmpfs.toString())) {
            storage.failing = place;
            LogFailure failure = catchThrowableOfType(LogFailure.class, log::reserve);
            assertThat(failure.reason()).isEqualTo(Reason.LOG_SPACE);
            storage.failing = "";
        }
        log.reserve();
        log.append(LogRecord.of(Kind.FLOOR, 1));
        assertThat(reopened(BOOT).last()).hasValue(LogRecord.of(Kind.FLOOR, 1));
    }

    @Test
    void a_failed_write_counts_as_not_written_and_the_next_one_takes_its_place() throws IOException {
        HandOverLog log = reopened(BOOT);
        log.reserve();
        log.append(LogRecord.of(Kind.BEGIN, 1));
        for (int written = 0; written < 60; written += 7) {
            storage.failing = tmpfs.toString();
            storage.bytesBeforeFailure = written;
            LogFailure failure = catchThrowableOfType(
                    LogFailure.class, () -> log.append(new LogRecord(Kind.COMMIT, 1, Map.of("long", "x".repeat(200)))));
            assertThat(failure.reason()).isEqualTo(Reason.WRITE_FAILED);
            assertThat(reopened(BOOT).last().orElseThrow().kind()).isNotEqualTo(Kind.COMMIT);
            storage.failing = "";
            log.append(LogRecord.of(Kind.UNDO, 1));
            assertThat(reopened(BOOT).last()).hasValue(LogRecord.of(Kind.UNDO, 1));
            assertThat(reopened(BOOT).damage()).isEmpty();
        }
    }

    @Test
    void the_floors_of_a_new_log_are_taken_once_in_its_life() throws IOException {
        LogDirectory logs = LogDirectory.open(disk, List.of(tmpfs), LogStorage.FILES);
        assertThat(logs.floorsTaken()).isFalse();
        logs.floorsAreTaken();
        assertThat(logs.floorsTaken()).isTrue();
        assertThat(LogDirectory.open(disk, List.of(tmpfs), LogStorage.FILES).floorsTaken())
                .isTrue();
    }

    @Test
    void the_directory_keeps_its_uuid_and_knows_its_machines() throws IOException {
        LogDirectory first = LogDirectory.open(disk, List.of(tmpfs), LogStorage.FILES);
        HandOverLog log = first.of("vm-1");
        log.append(LogRecord.of(Kind.FLOOR, 9));
        log.close();
        LogDirectory again = LogDirectory.open(disk, List.of(tmpfs), LogStorage.FILES);
        assertThat(again.uuid()).isEqualTo(first.uuid()).isNotEqualTo(new UUID(0, 0));
        assertThat(again.vms()).containsExactly("vm-1");
    }

    @Test
    void a_machine_without_tmpfs_is_refused_by_name() {
        LogFailure failure = catchThrowableOfType(
                LogFailure.class, () -> LogDirectory.open(disk, List.of(Path.of("/proc")), LogStorage.FILES));
        assertThat(failure.reason()).isEqualTo(Reason.NO_TMPFS);
    }

    private void write(List<LogRecord> records) throws IOException {
        try (HandOverLog log = reopened(BOOT)) {
            log.reserve();
            for (LogRecord record : records) {
                log.append(record);
            }
        }
    }

    private HandOverLog reopened(String boot) throws IOException {
        return HandOverLog.open(storage, durable(), memory(), boot);
    }

    private Path durable() {
        return disk.resolve("vm.log");
    }

    private Path memory() {
        return tmpfs.resolve("vm.log");
    }

    private static byte[] textOf(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return java.util.Arrays.copyOf(bytes, endOf(bytes));
    }

    private static int endOf(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }
}
