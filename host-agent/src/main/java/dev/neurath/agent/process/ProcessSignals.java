package dev.neurath.agent.process;

import dev.neurath.agent.os.Linux;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Stops, continues and ends a process of known identity, and says what was seen to have happened.
 *
 * <p>A result is an observation made after the signal, never the mere success of sending it.
 */
public final class ProcessSignals {
    /**
     * Freezing takes 0.1 ms, and a sleep lasts as long. So at first it is looked at again and again, and the processor offered to others after each look:
     * the tasks need it in order to stop, and looking all the time was measured to take 2 ms every tenth time.
     */
    private static final long YIELDING_NANOS = 1_000_000;

    private static final long LONGEST_SLEEP_NANOS = 1_000_000;

    private ProcessSignals() {}

    /** What is known about a process after it was told to stop. */
    public enum FreezeResult {
        FROZEN,
        DEAD,
        /** It may stop at any later moment: not a proof of anything. */
        NOT_SEEN_IN_TIME
    }

    /** Sends SIGSTOP and waits until every task is seen stopped. */
    public static FreezeResult freeze(ProcessIdentity identity, Duration limit) throws IOException {
        Optional<PidFd> opened = PidFd.open(identity);
        if (opened.isEmpty()) {
            return FreezeResult.DEAD;
        }
        try (PidFd process = opened.get()) {
            return freeze(process, limit);
        }
    }

    /** As above on an open handle, which saves the opening where the time counts. */
    // Nothing depends on who is next: what yielding gains is time.
    @SuppressWarnings("ThreadPriorityCheck")
    public static FreezeResult freeze(PidFd process, Duration limit) throws IOException {
        long begun = System.nanoTime();
        if (!process.signal(Linux.SIGSTOP)) {
            return FreezeResult.DEAD;
        }
        int pid = process.identity().pid();
        while (true) {
            boolean frozen = stopped(pid);
            if (process.exited()) {
                return FreezeResult.DEAD;
            }
            if (frozen) {
                return FreezeResult.FROZEN;
            }
            long passed = System.nanoTime() - begun;
            if (passed >= limit.toNanos()) {
                return FreezeResult.NOT_SEEN_IN_TIME;
            }
            if (passed < YIELDING_NANOS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(Math.min(passed / 8, LONGEST_SLEEP_NANOS));
            }
        }
    }

    /** Whether all of its tasks are seen stopped, in the quickest way that there is: a guest stands still meanwhile. */
    public static boolean stopped(int pid) throws IOException {
        Linux.ChildStop told = Linux.childStop(pid);
        if (told != Linux.ChildStop.NO_CHILD) {
            return told == Linux.ChildStop.STOPPED;
        }
        ProcessProbe.Tasks tasks = ProcessProbe.tasks(pid);
        // A task created between listing and looking shows up in the second listing only; once it is seen stopped it
        // creates none.
        return tasks.allStopped() && ProcessProbe.taskIds(pid).equals(tasks.ids());
    }

    /** Sends SIGCONT; false when the process is dead. */
    public static boolean thaw(ProcessIdentity identity) throws IOException {
        Optional<PidFd> opened = PidFd.open(identity);
        if (opened.isEmpty()) {
            return false;
        }
        try (PidFd process = opened.get()) {
            return process.signal(Linux.SIGCONT);
        }
    }

    /** Sends SIGKILL and waits; true once the process is seen dead, which one stuck in the kernel may delay for long. */
    public static boolean kill(ProcessIdentity identity, Duration limit) throws IOException {
        Optional<PidFd> opened = PidFd.open(identity);
        if (opened.isEmpty()) {
            return true;
        }
        try (PidFd process = opened.get()) {
            return !process.signal(Linux.SIGKILL) || process.awaitExit(limit);
        }
    }
}
