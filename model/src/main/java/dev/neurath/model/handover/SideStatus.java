package dev.neurath.model.handover;

import java.util.Set;

/**
 * What a QEMU's own words mean for the hand-over. The words are those of QEMU's RunState and MigrationStatus enumerations (qapi/run-state.json,
 * qapi/migration.json); an unknown word is never taken for permission to let something run.
 */
public final class SideStatus {
    private static final Set<String> MIGRATION_UNDER_WAY = Set.of(
            "setup",
            "active",
            "device",
            "pre-switchover",
            "wait-unplug",
            "cancelling",
            "postcopy-active",
            "postcopy-device",
            "postcopy-paused",
            "postcopy-recover-setup",
            "postcopy-recover",
            "failing",
            "colo");

    private SideStatus() {}

    /**
     * @param frozen every task is in state T
     * @param answered query-status and query-migrate were answered; the two words are meaningless otherwise
     */
    public static OldStatus ofOld(
            boolean alive, boolean frozen, boolean answered, String runState, String migrationStatus) {
        if (!alive) {
            return OldStatus.DEAD;
        }
        if (frozen) {
            return OldStatus.FROZEN;
        }
        if (!answered) {
            return OldStatus.MUTE;
        }
        if (MIGRATION_UNDER_WAY.contains(migrationStatus)) {
            return OldStatus.MIGRATING;
        }
        return switch (runState) {
            case "running" -> OldStatus.RUNNING;
            // finish-migrate without a migration under way: it failed after the stop, and nothing resumes the guest but
            // us.
            case "postmigrate", "finish-migrate" -> OldStatus.POST;
            // A reset after the migration's stop: its owner wants it to run, and QEMU starts it no more than before.
            case "prelaunch" -> migrationStatus.equals("completed") ? OldStatus.POST : OldStatus.HELD;
            default -> OldStatus.HELD;
        };
    }

    /**
     * @param resumeSeen a RESUME event was seen from it: then even `paused` means that it ran
     */
    public static NewStatus ofNew(
            Role role, boolean alive, boolean answered, String runState, String migrationStatus, boolean resumeSeen) {
        if (!alive) {
            return NewStatus.DEAD;
        }
        if (role == Role.REHEARSAL) {
            return NewStatus.BAD;
        }
        if (!answered) {
            return NewStatus.MUTE;
        }
        return switch (runState) {
            case "inmigrate" -> migrationStatus.equals("failed") ? NewStatus.BAD : NewStatus.LOADING;
            case "paused" -> {
                if (resumeSeen) {
                    yield NewStatus.RUN;
                }
                yield migrationStatus.equals("completed") ? NewStatus.STAGED : NewStatus.BAD;
            }
            case "prelaunch", "restore-vm" -> NewStatus.BAD;
            // Everything else is reached only by having run; an unknown word too is taken for it, since killing what
            // ran is worse.
            default -> NewStatus.RUN;
        };
    }
}
