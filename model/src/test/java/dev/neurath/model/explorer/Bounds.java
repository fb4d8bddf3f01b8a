package dev.neurath.model.explorer;

import dev.neurath.model.vm.Method;

/**
 * How much may happen in one exploration; everything else is explored without limit.
 *
 * @param rehearsal an attempt may begin with one
 * @param attempts of the rollout for this VM
 * @param crashes deaths of coordinator, agent, old, new and host in any combination
 * @param foreign QMP commands by somebody else on old's public monitor
 * @param logFaults writes to the agent's log that fail, whether or not the record is there
 * @param owner pauses, resets and shutdowns by the owner
 * @param late which orders and facts also arrive when they are no longer repeated
 * @param reboot the host may be a victim
 * @param tellCrashesApart each state remembers which crashes led to it
 */
record Bounds(
        Method method,
        boolean rehearsal,
        int attempts,
        int crashes,
        int foreign,
        int logFaults,
        int owner,
        Late late,
        boolean reboot,
        boolean tellCrashesApart) {

    enum Late {
        NONE,
        /** While the second is in flight. */
        OF_THE_FIRST_ATTEMPT,
        /** And a paused node's actor wakes. */
        ALL
    }

    static Bounds of(Method method) {
        return new Bounds(method, false, 1, 0, 0, 0, 0, Late.NONE, false, false);
    }

    Bounds withRehearsal() {
        return new Bounds(method, true, attempts, crashes, foreign, logFaults, owner, late, reboot, tellCrashesApart);
    }

    Bounds attempts(int n) {
        return new Bounds(method, rehearsal, n, crashes, foreign, logFaults, owner, late, reboot, tellCrashesApart);
    }

    Bounds crashes(int n) {
        return new Bounds(method, rehearsal, attempts, n, foreign, logFaults, owner, late, reboot, tellCrashesApart);
    }

    Bounds foreign(int n) {
        return new Bounds(method, rehearsal, attempts, crashes, n, logFaults, owner, late, reboot, tellCrashesApart);
    }

    Bounds logFaults(int n) {
        return new Bounds(method, rehearsal, attempts, crashes, foreign, n, owner, late, reboot, tellCrashesApart);
    }

    Bounds owner(int n) {
        return new Bounds(method, rehearsal, attempts, crashes, foreign, logFaults, n, late, reboot, tellCrashesApart);
    }

    Bounds withLateMessages() {
        return late(Late.ALL);
    }

    Bounds withLateMessagesOfTheFirstAttempt() {
        return late(Late.OF_THE_FIRST_ATTEMPT);
    }

    private Bounds late(Late which) {
        return new Bounds(
                method, rehearsal, attempts, crashes, foreign, logFaults, owner, which, reboot, tellCrashesApart);
    }

    /** A paused node's actor wakes. */
    boolean lateMessages() {
        return late == Late.ALL;
    }

    Bounds withReboot() {
        return new Bounds(
                method, rehearsal, attempts, crashes, foreign, logFaults, owner, late, true, tellCrashesApart);
    }

    Bounds tellingCrashesApart() {
        return new Bounds(method, rehearsal, attempts, crashes, foreign, logFaults, owner, late, reboot, true);
    }
}
