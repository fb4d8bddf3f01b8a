package dev.neurath.agent.adopt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the names that others know a VM by are still that VM's: a socket or pidfile that somebody else has put in its place would be renamed over when the
 * guest has moved. A name that is gone is nobody's.
 */
public final class PublicNames {
    private static final int LONGEST_PIDFILE_BYTES = 64;

    private PublicNames() {}

    /** @return the first name that is not the process's, in words */
    public static Optional<String> notOf(int pid, List<Path> names) throws IOException {
        var sockets = new ArrayList<Path>();
        for (Path name : names) {
            if (Files.isRegularFile(name)) {
                Optional<String> other = pidfile(pid, name);
                if (other.isPresent()) {
                    return other;
                }
            } else if (Files.exists(name)) {
                sockets.add(name);
            }
        }
        for (Map.Entry<Path, List<Integer>> listeners :
                UnixSockets.listeners(sockets).entrySet()) {
            // One that was bound under another name and renamed is told by that name, so nobody is found for it.
            if (!List.of(pid).containsAll(listeners.getValue())) {
                return Optional.of("%s is listened on by processes %s and not by %d alone"
                        .formatted(listeners.getKey(), listeners.getValue(), pid));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> pidfile(int pid, Path file) throws IOException {
        String said = Files.size(file) > LONGEST_PIDFILE_BYTES
                ? "something long"
                : Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        return said.equals(Integer.toString(pid))
                ? Optional.empty()
                : Optional.of("pidfile %s says '%s' and not %d".formatted(file, said, pid));
    }
}
