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
 * @param lateMessages orders and facts also arrive when they are no longer repeated, and a paused node's actor wakes
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
        boolean lateMessages,
        boolean reboot,
        boolean tellCrashesApart) {

    static Bounds of(Method method) {
        return new Bounds(method, false, 1, 0, 0, 0, 0, false, false, false);
    }

    Bounds withRehearsal() {
        return new Bounds(
                method, true, attempts, crashes, foreign, logFaults, owner, lateMessages, reboot, tellCrashesApart);
    }

    Bounds attempts(int n) {
        return new Bounds(
                method, rehearsal, n, crashes, foreign, logFaults, owner, lateMessages, reboot, tellCrashesApart);
    }

    Bounds crashes(int n) {
        return new Bounds(
                method, rehearsal, attempts, n, foreign, logFaults, owner, lateMessages, reboot, tellCrashesApart);
    }

    Bounds foreign(int n) {
        return new Bounds(
                method, rehearsal, attempts, crashes, n, logFaults, owner, lateMessages, reboot, tellCrashesApart);
    }

    Bounds logFaults(int n) {
        return new Bounds(
                method, rehearsal, attempts, crashes, foreign, n, owner, lateMessages, reboot, tellCrashesApart);
    }

    Bounds owner(int n) {
        return new Bounds(
                method, rehearsal, attempts, crashes, foreign, logFaults, n, lateMessages, reboot, tellCrashesApart);
    }

    Bounds withLateMessages() {
        return new Bounds(
                method, rehearsal, attempts, crashes, foreign, logFaults, owner, true, reboot, tellCrashesApart);
    }

    Bounds withReboot() {
        return new Bounds(
                method, rehearsal, attempts, crashes, foreign, logFaults, owner, lateMessages, true, tellCrashesApart);
    }

    Bounds tellingCrashesApart() {
        return new Bounds(method, rehearsal, attempts, crashes, foreign, logFaults, owner, lateMessages, reboot, true);
    }
}
