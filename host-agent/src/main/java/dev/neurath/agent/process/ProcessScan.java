package dev.neurath.agent.process;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Walks all processes of the host: for strays that carry a tag in their command line, and for whoever maps a file.
 *
 * <p>One walk can miss a process that is being started; a caller that will destroy something walks twice.
 */
public final class ProcessScan {
    private ProcessScan() {}

    /** Living processes with the tag anywhere in their command line, but for this one: also whoever only reads a file with that name. */
    public static List<ProcessIdentity> withTag(String tag) throws IOException {
        return with(tag, argument -> argument.contains(tag));
    }

    /** Living QEMUs that were told to listen at {@code socket}; whoever else names that path or its tag is none. */
    public static List<ProcessIdentity> listeningAt(Path socket, String tag) throws IOException {
        String option = ",path=" + socket.toString().replace(",", ",,") + ",";
        return with(tag, argument -> argument.startsWith("socket,") && (argument + ",").contains(option));
    }

    /** Living QEMUs that were told to listen at a path that begins so. */
    public static List<ProcessIdentity> listeningBelow(Path beginning) throws IOException {
        String option = ",path=" + beginning.toString().replace(",", ",,");
        return with(
                beginning.toString(), argument -> argument.startsWith("socket,") && (argument + ",").contains(option));
    }

    private static List<ProcessIdentity> with(String tag, Predicate<String> wanted) throws IOException {
        List<ProcessIdentity> found = new ArrayList<>();
        for (int pid : pids()) {
            boolean tagged = ProcessProbe.commandLine(pid)
                    .filter(argv -> argv.stream().anyMatch(wanted))
                    .isPresent();
            Optional<ProcessIdentity> identity = tagged ? ProcessIdentity.of(pid, tag) : Optional.empty();
            if (identity.isPresent() && ProcessProbe.liveness(identity.get()) != ProcessProbe.Liveness.DEAD) {
                found.add(identity.get());
            }
        }
        return found;
    }

    /**
     * Who maps a file.
     *
     * @param hidden processes whose maps may not be read, not even by root: nothing is known of them
     */
    public record Mappers(List<ProcessIdentity> found, List<Integer> hidden) {}

    public static Mappers mapping(MemoryMap.FileIdentity file) throws IOException {
        List<ProcessIdentity> found = new ArrayList<>();
        List<Integer> hidden = new ArrayList<>();
        for (int pid : pids()) {
            try {
                Optional<MemoryMap> map = MemoryMap.of(pid);
                if (map.isPresent() && !map.get().of(file).isEmpty()) {
                    ProcessIdentity.of(pid, "").ifPresent(found::add);
                }
            } catch (AccessDeniedException e) {
                hidden.add(pid);
            }
        }
        return new Mappers(found, hidden);
    }

    /** All processes but this one. */
    public static List<Integer> pids() throws IOException {
        List<Integer> pids = new ArrayList<>();
        int own = (int) ProcessHandle.current().pid();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path entry : entries) {
                int pid = Integer.parseInt(entry.getFileName().toString());
                if (pid != own) {
                    pids.add(pid);
                }
            }
        }
        return pids;
    }
}
