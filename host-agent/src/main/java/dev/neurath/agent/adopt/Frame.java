package dev.neurath.agent.adopt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * What a command line alone does not say.
 *
 * @param directory relative paths are meant from here
 * @param exists whether a file is there: QEMU looks for firmware there first, and then among its own
 * @param machine versioned machine type, as the running QEMU names it
 * @param cpu what to give as -cpu; empty = as it was given
 * @param inputIsNull nobody types into its standard input
 * @param outputReopens its standard output can be opened by another process
 * @param resets whether a host PCI device has a function-level reset
 */
public record Frame(
        Path directory,
        Predicate<Path> exists,
        String machine,
        String cpu,
        boolean inputIsNull,
        boolean outputReopens,
        Predicate<String> resets) {
    /** @return absolute, as the running QEMU means it */
    String absolute(String path) {
        return directory.resolve(path).normalize().toString();
    }

    /** What the command line does not say, asked of the living process and the host. */
    public static Frame of(int pid, Path directory, String machine, String cpu) {
        Path input = Path.of("/proc", Integer.toString(pid), "fd/0");
        boolean inputIsNull;
        try {
            inputIsNull = !Files.exists(input) || input.toRealPath().equals(Path.of("/dev/null"));
        } catch (IOException e) {
            inputIsNull = false;
        }
        return new Frame(directory, Files::exists, machine, cpu, inputIsNull, outputReopens(pid), Frame::resets);
    }

    /** A socket, as that of a journal, cannot. */
    private static boolean outputReopens(int pid) {
        try {
            return !Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "fd/1"))
                    .toString()
                    .startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean resets(String host) {
        String address = host.matches("[0-9a-f]{2}:.*") ? "0000:" + host : host;
        return Files.exists(Path.of("/sys/bus/pci/devices", address, "reset_method"));
    }
}
