package dev.neurath.agent.process;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The fields of a /proc stat file that the agent needs; source: proc_pid_stat(5).
 *
 * @param state R, S, D, T (stopped by a signal), t (by a tracer), Z, X, I
 */
record ProcStat(int pid, char state, int parent, long userTicks, long systemTicks, long startTimeTicks) {
    /** A task's id and its name, of at most 64 bytes, and what stands between. */
    private static final int LONGEST_UP_TO_STATE = 128;

    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int START_TIME = 19;

    static Optional<ProcStat> ofProcess(int pid) throws IOException {
        return read(Path.of("/proc", Integer.toString(pid), "stat"));
    }

    static Optional<ProcStat> read(Path file) throws IOException {
        Optional<String> text = readIfPresent(file);
        return text.isEmpty() ? Optional.empty() : Optional.of(parse(text.get()));
    }

    /** A process may go away between open and read, which the kernel reports as ESRCH. */
    static Optional<String> readIfPresent(Path file) throws IOException {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (Files.exists(file.getParent() == null ? file : file.getParent()) && !isGone(e)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** ESRCH in the kernel's words, which some calls put behind the file's name. */
    private static boolean isGone(IOException failure) {
        return String.valueOf(failure.getMessage()).endsWith("No such process");
    }

    /** One letter of one task; empty if it is gone. Read while a guest stands still. */
    static Optional<Character> state(int pid, int task) throws IOException {
        byte[] bytes = new byte[LONGEST_UP_TO_STATE];
        int length;
        try (FileInputStream file = new FileInputStream("/proc/" + pid + "/task/" + task + "/stat")) {
            length = file.read(bytes);
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (isGone(e)) {
                return Optional.empty();
            }
            throw e;
        }
        for (int i = length - 1; i > 0; i--) {
            if (bytes[i] == ')') {
                return Optional.of((char) bytes[i + 2]);
            }
        }
        throw new IOException("the state of task " + task + " cannot be read");
    }

    static ProcStat parse(String text) {
        // The command's name stands in parentheses and may itself contain blanks and parentheses.
        int nameEnd = text.lastIndexOf(')');
        String[] fields = text.substring(nameEnd + 2).strip().split(" ");
        return new ProcStat(
                Integer.parseInt(text.substring(0, text.indexOf(' '))),
                fields[STATE].charAt(0),
                Integer.parseInt(fields[PARENT]),
                Long.parseLong(fields[USER_TICKS]),
                Long.parseLong(fields[SYSTEM_TICKS]),
                Long.parseLong(fields[START_TIME]));
    }

    boolean dead() {
        return state == 'Z' || state == 'X';
    }

    boolean stopped() {
        return state == 'T' || state == 't';
    }
}
