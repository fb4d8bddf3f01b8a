package dev.neurath.agent.adopt;

import dev.neurath.agent.adopt.Derived.Carried;
import dev.neurath.agent.os.Linux;
import dev.neurath.agent.os.OsFailure;
import dev.neurath.agent.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies of a running QEMU's own descriptors, to be passed to another: the same open tap queue, still attached, so that nothing on the network sees a
 * change. They are closed here when the other has them.
 */
public final class CarriedFds implements AutoCloseable {
    private final ProcessIdentity identity;
    private final List<Integer> copies = new ArrayList<>();

    public CarriedFds(ProcessIdentity identity) {
        this.identity = identity;
    }

    /** Of a QEMU that somebody else started: by the numbers and names that its command line tells. */
    public List<Integer> first(List<Carried> wanted) throws IOException, NotAdoptable {
        Map<Integer, String> taps = wanted.isEmpty() ? Map.of() : taps();
        for (Carried carried : wanted) {
            copy(
                    switch (carried) {
                        case Carried.Inherited inherited -> {
                            if (!taps.containsKey(inherited.fd())) {
                                throw new NotAdoptable(
                                        "FD_NOT_TRANSFERABLE",
                                        "Descriptor %d of process %d is no tap device, and only those are carried."
                                                .formatted(inherited.fd(), identity.pid()));
                            }
                            yield inherited.fd();
                        }
                        case Carried.Tap tap -> opened(tap, taps);
                    });
        }
        return List.copyOf(copies);
    }

    /** Of a QEMU that was passed them here: from {@code number} on, in the same order. */
    public List<Integer> again(List<Carried> wanted, int number) throws IOException, NotAdoptable {
        for (int i = 0; i < wanted.size(); i++) {
            copy(number + i);
        }
        return List.copyOf(copies);
    }

    private int opened(Carried.Tap tap, Map<Integer, String> taps) throws NotAdoptable {
        List<Integer> fitting = taps.entrySet().stream()
                .filter(entry -> tap.device().isEmpty() || entry.getValue().equals(tap.device()))
                .map(Map.Entry::getKey)
                .toList();
        if (fitting.size() != 1) {
            throw new NotAdoptable(
                    "FD_NOT_TRANSFERABLE",
                    "Process %d has %d descriptors that could be tap device '%s'."
                            .formatted(identity.pid(), fitting.size(), tap.device()));
        }
        return fitting.getFirst();
    }

    /** The kernel tells with each open tap device which one it is. */
    private Map<Integer, String> taps() throws IOException {
        var found = new HashMap<Integer, String>();
        Path infos = Path.of("/proc", Integer.toString(identity.pid()), "fdinfo");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(infos)) {
            for (Path entry : entries) {
                lines(entry).stream()
                        .filter(line -> line.startsWith("iff:"))
                        .findFirst()
                        .ifPresent(line -> found.put(
                                Integer.parseInt(entry.getFileName().toString()),
                                line.substring("iff:".length()).strip()));
            }
        }
        return found;
    }

    /** None of one that was closed since it was listed. */
    private static List<String> lines(Path info) throws IOException {
        try {
            return Files.readAllLines(info);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private void copy(int fd) throws IOException, NotAdoptable {
        int pidfd = Linux.pidfdOpen(identity.pid());
        try {
            if (!identity.isPresent()) {
                throw new NotAdoptable("IDENTITY_UNSURE", "Process %d is gone.".formatted(identity.pid()));
            }
            copies.add(Linux.pidfdGetfd(pidfd, fd));
        } catch (OsFailure e) {
            throw new NotAdoptable(
                    "FD_NOT_TRANSFERABLE",
                    "Descriptor %d of process %d cannot be got: %s".formatted(fd, identity.pid(), e.getMessage()));
        } finally {
            Linux.close(pidfd);
        }
    }

    @Override
    public void close() throws IOException {
        for (int fd : copies) {
            Linux.close(fd);
        }
    }
}
