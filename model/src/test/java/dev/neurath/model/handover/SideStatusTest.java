package dev.neurath.model.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Over every word of QEMU's RunState and MigrationStatus, and over one that QEMU does not know yet. */
final class SideStatusTest {
    private static final List<String> RUN_STATES = List.of(
            "debug",
            "inmigrate",
            "internal-error",
            "io-error",
            "paused",
            "postmigrate",
            "prelaunch",
            "finish-migrate",
            "restore-vm",
            "running",
            "save-vm",
            "shutdown",
            "suspended",
            "watchdog",
            "guest-panicked",
            "colo",
            "word-of-tomorrow");
    private static final List<String> MIGRATIONS = List.of(
            "none",
            "setup",
            "cancelling",
            "cancelled",
            "active",
            "postcopy-device",
            "postcopy-active",
            "postcopy-paused",
            "postcopy-recover-setup",
            "postcopy-recover",
            "completed",
            "failing",
            "failed",
            "colo",
            "pre-switchover",
            "device",
            "wait-unplug",
            "word-of-tomorrow");
    private static final Set<String> OVER = Set.of("none", "cancelled", "completed", "failed", "word-of-tomorrow");

    @Test
    void a_dead_a_frozen_and_a_mute_process_are_what_they_are_whatever_it_said_before() {
        for (String run : RUN_STATES) {
            for (String migration : MIGRATIONS) {
                assertThat(SideStatus.ofOld(false, true, true, run, migration)).isEqualTo(OldStatus.DEAD);
                assertThat(SideStatus.ofOld(true, true, true, run, migration)).isEqualTo(OldStatus.FROZEN);
                assertThat(SideStatus.ofOld(true, false, false, run, migration)).isEqualTo(OldStatus.MUTE);
                assertThat(SideStatus.ofNew(Role.HAND_OVER, false, true, run, migration, true))
                        .isEqualTo(NewStatus.DEAD);
                assertThat(SideStatus.ofNew(Role.HAND_OVER, true, false, run, migration, false))
                        .isEqualTo(NewStatus.MUTE);
            }
        }
    }

    @Test
    void a_rehearsals_throw_away_is_never_staged() {
        for (String run : RUN_STATES) {
            for (String migration : MIGRATIONS) {
                for (boolean answered : new boolean[] {true, false}) {
                    assertThat(SideStatus.ofNew(Role.REHEARSAL, true, answered, run, migration, true))
                            .isEqualTo(NewStatus.BAD);
                }
            }
        }
    }

    @Test
    void old_is_migrating_exactly_while_a_migration_is_under_way() {
        for (String run : RUN_STATES) {
            for (String migration : MIGRATIONS) {
                OldStatus seen = SideStatus.ofOld(true, false, true, run, migration);
                assertThat(seen == OldStatus.MIGRATING)
                        .as(run + "/" + migration)
                        .isEqualTo(!OVER.contains(migration));
            }
        }
    }

    @Test
    void old_may_be_continued_only_from_a_stop_that_a_migration_made() {
        for (String run : RUN_STATES) {
            for (String migration : OVER) {
                OldStatus expected = switch (run) {
                    case "running" -> OldStatus.RUNNING;
                    case "postmigrate", "finish-migrate" -> OldStatus.POST;
                    // Reset after a migration had stopped it: nobody else lets it run.
                    case "prelaunch" -> migration.equals("completed") ? OldStatus.POST : OldStatus.HELD;
                    default -> OldStatus.HELD;
                };
                assertThat(SideStatus.ofOld(true, false, true, run, migration)).isEqualTo(expected);
            }
        }
    }

    @Test
    void new_is_staged_only_as_paused_with_a_completed_migration_and_no_resume_seen() {
        for (String run : RUN_STATES) {
            for (String migration : MIGRATIONS) {
                for (boolean resumed : new boolean[] {true, false}) {
                    boolean staged =
                            SideStatus.ofNew(Role.HAND_OVER, true, true, run, migration, resumed) == NewStatus.STAGED;
                    assertThat(staged)
                            .as(run + "/" + migration)
                            .isEqualTo(run.equals("paused") && migration.equals("completed") && !resumed);
                }
            }
        }
    }

    @Test
    void what_is_reached_only_by_running_counts_as_having_run() {
        Set<String> before = Set.of("inmigrate", "paused", "prelaunch", "restore-vm");
        for (String run : RUN_STATES) {
            for (String migration : MIGRATIONS) {
                NewStatus seen = SideStatus.ofNew(Role.HAND_OVER, true, true, run, migration, false);
                assertThat(seen == NewStatus.RUN).as(run + "/" + migration).isEqualTo(!before.contains(run));
            }
        }
    }

    @Test
    void a_load_that_was_refused_is_no_load_any_more() {
        for (String migration : MIGRATIONS) {
            assertThat(SideStatus.ofNew(Role.HAND_OVER, true, true, "inmigrate", migration, false))
                    .as(migration)
                    .isEqualTo(migration.equals("failed") ? NewStatus.BAD : NewStatus.LOADING);
        }
    }
}
