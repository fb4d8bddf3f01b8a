package dev.neurath.testbed.demo;

import dev.neurath.agent.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Which processes a demo has, a line each: {@code BOOT-ID PID START-TICKS WHAT}. It is what another demo goes by after this one was
 * killed; the kernel's start time keeps it from ending somebody else's process that got the same pid.
 */
record Ledger(Path file) {
    static final String DEMO = "demo";

    /** A line of it; the tag says what the process is. */
    void add(ProcessIdentity process) throws IOException {
        String line =
                process.bootId() + " " + process.pid() + " " + process.startTimeTicks() + " " + process.tag() + "\n";
        Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    List<ProcessIdentity> processes() throws IOException {
        List<ProcessIdentity> processes = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split(" ", 4);
            // A demo that was killed while it wrote may leave half a line.
            if (words.length == 4 && words[1].matches("[0-9]{1,9}") && words[2].matches("[0-9]{1,18}")) {
                processes.add(
                        new ProcessIdentity(words[0], Integer.parseInt(words[1]), Long.parseLong(words[2]), words[3]));
            }
        }
        return processes;
    }
}
