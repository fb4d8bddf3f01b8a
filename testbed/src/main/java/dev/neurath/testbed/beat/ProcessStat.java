package dev.neurath.testbed.beat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What {@code /proc/PID/stat} says (proc_pid_stat(5)).
 *
 * @param state R, S, D, T, Z and so on
 * @param startTime clock ticks since boot: with the pid it names one process for as long as the machine is up
 */
record ProcessStat(char state, int threads, long startTime) {
    // USER_HZ, in which /proc counts: 100 on every architecture that QEMU's x86 guests are run on.
    private static final long TICKS_PER_SECOND = 100;

    static ProcessStat read(long pid) throws IOException {
        return parse(Files.readString(Path.of("/proc", String.valueOf(pid), "stat")));
    }

    static ProcessStat parse(String text) throws IOException {
        // The name, in brackets, may hold spaces and brackets: fields are counted from its last bracket.
        int name = text.lastIndexOf(')');
        String[] fields = text.substring(name + 1).strip().split(" ");
        if (name < 0 || fields.length < 20) {
            throw new IOException("not a process's stat: " + text);
        }
        return new ProcessStat(fields[0].charAt(0), Integer.parseInt(fields[17]), Long.parseLong(fields[19]));
    }

    /** A zombie runs nothing any more: only its parent has not asked for its end. */
    boolean isDead() {
        return state == 'Z' || state == 'X';
    }

    Duration age() throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
        return Duration.ofMillis((long) (1000 * (seconds - startTime / (double) TICKS_PER_SECOND)));
    }
}
