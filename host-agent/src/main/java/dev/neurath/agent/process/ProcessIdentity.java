package dev.neurath.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Names one process for ever: pids are reused, a boot, a pid and a start time together are not.
 *
 * @param bootId the kernel's /proc/sys/kernel/random/boot_id
 * @param startTimeTicks field 22 of /proc/PID/stat, clock ticks since boot
 * @param tag what the starter wrote into the command line, empty for processes that somebody else started
 */
public record ProcessIdentity(String bootId, int pid, long startTimeTicks, String tag) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    public static String currentBootId() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }

    /** The identity of the process that has this pid now. */
    public static Optional<ProcessIdentity> of(int pid, String tag) throws IOException {
        Optional<ProcStat> stat = ProcStat.ofProcess(pid);
        return stat.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new ProcessIdentity(currentBootId(), pid, stat.get().startTimeTicks(), tag));
    }

    public boolean ofThisBoot() throws IOException {
        return bootId.equals(currentBootId());
    }

    /** Whether this very process still has an entry in /proc; a zombie has one. */
    public boolean isPresent() throws IOException {
        return ofThisBoot()
                && ProcStat.ofProcess(pid)
                        .filter(stat -> stat.startTimeTicks() == startTimeTicks)
                        .isPresent();
    }
}
