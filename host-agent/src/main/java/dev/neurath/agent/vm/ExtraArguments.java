package dev.neurath.agent.vm;

import dev.neurath.agent.handover.Trial.Refused;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which arguments of a VM's own may not be: those that decide what the agent decides (how the guest starts, where its memory lies), and those that bind a
 * name which two QEMUs beside each other cannot both have. The second QEMU would take the name away from the first, and an attempt that is undone would
 * leave the owner with a dead socket. Refused at the VM's start, where it costs nothing.
 */
final class ExtraArguments {
    private static final Set<String> THE_AGENTS = Set.of(
            "-S",
            "-incoming",
            "-daemonize",
            "-pidfile",
            "-m",
            "-mem-path",
            "-mem-prealloc",
            "-accel",
            "-smp",
            "-loadvm",
            "-preconfig",
            "-run-with",
            "-snapshot");
    private static final Set<String> DOORS = Set.of("-qmp", "-qmp-pretty", "-monitor", "-gdb", "-s", "-vnc", "-spice");
    private static final Pattern LISTENS = Pattern.compile(
            "(^|,)(server(=on)?|hostfwd=[^,]*|guestfwd=[^,]*|listen=[^,]*)(,|$)|^(unix|tcp|telnet|websocket):");
    private static final Pattern MEMORY =
            Pattern.compile("memory-backend-|(^|,)prealloc=on|discard-data=on|\"prealloc\"\\s*:\\s*true");

    private ExtraArguments() {}

    /** @throws Refused naming the first argument that may not be */
    static void check(List<String> arguments) throws Refused {
        for (String argument : arguments) {
            // QEMU takes two dashes for one.
            String option = argument.startsWith("--") ? argument.substring(1) : argument;
            if (THE_AGENTS.contains(option)) {
                throw refused(argument, "decides what the agent decides");
            }
            if (DOORS.contains(option) || LISTENS.matcher(argument).find()) {
                throw refused(argument, "binds an address that two QEMUs beside each other cannot both have");
            }
            if (MEMORY.matcher(argument).find()) {
                throw refused(argument, "brings memory that is not the agent's to hand over");
            }
        }
    }

    private static Refused refused(String argument, String why) {
        return new Refused("EXTRA_ARGUMENT", "extraArguments: '%s' %s.".formatted(argument, why));
    }
}
