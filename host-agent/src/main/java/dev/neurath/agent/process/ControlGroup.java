package dev.neurath.agent.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control group of its own for one QEMU, so that stopping the agent's unit does not end its guests.
 *
 * <p>Made in the hierarchies by which a supervisor finds what to end: the unified one and name=systemd. Limits are not set
 * here, and the resource hierarchies of version 1 stay as they were inherited. A machine that refuses leaves a reason instead
 * of a failure: guests then live in the agent's own group.
 *
 * @param directories one per hierarchy, all existing; empty when none could be made
 * @param reason why there is none, or empty
 */
public record ControlGroup(List<Path> directories, String reason) {
    private static final Logger LOG = LoggerFactory.getLogger(ControlGroup.class);
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    public ControlGroup {
        directories = List.copyOf(directories);
    }

    /** Makes (or finds) the group "neurath/NAME" at the top of each hierarchy. */
    public static ControlGroup create(String name) throws IOException {
        return create(ROOT, name);
    }

    static ControlGroup create(Path root, String name) throws IOException {
        List<Path> made = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Path hierarchy : hierarchies(root)) {
            Path group = hierarchy.resolve("neurath").resolve(name);
            try {
                Files.createDirectories(group);
                made.add(group);
            } catch (IOException e) {
                refused.add(e.toString());
            }
        }
        if (!made.isEmpty()) {
            return new ControlGroup(made, "");
        }
        return new ControlGroup(
                List.of(), refused.isEmpty() ? "no control groups are mounted at " + root : String.join("; ", refused));
    }

    /** Removes this group once it has no process any more. */
    public static void remove(String name) throws IOException {
        sweep(ROOT, name::equals);
    }

    /** Removes the groups whose names begin so and which have no process any more, and their common parent with the last of all. */
    public static void sweep(String prefix) throws IOException {
        sweep(ROOT, name -> name.startsWith(prefix));
    }

    static void sweep(Path root, Predicate<String> wanted) throws IOException {
        for (Path hierarchy : hierarchies(root)) {
            Path parent = hierarchy.resolve("neurath");
            if (Files.isDirectory(parent)) {
                try (DirectoryStream<Path> groups = Files.newDirectoryStream(parent, Files::isDirectory)) {
                    for (Path group : groups) {
                        if (wanted.test(group.getFileName().toString())) {
                            removeIfEmpty(group);
                        }
                    }
                }
                removeIfEmpty(parent);
            }
        }
    }

    /** The kernel refuses while a process or a group is in it. */
    private static void removeIfEmpty(Path group) throws IOException {
        try {
            Files.deleteIfExists(group);
        } catch (FileSystemException e) {
            LOG.debug("control group {} stays: {}", group, e.getReason());
        }
    }

    private static List<Path> hierarchies(Path root) {
        if (Files.exists(root.resolve("cgroup.controllers"))) {
            return List.of(root);
        }
        return Stream.of("unified", "systemd")
                .map(root::resolve)
                .filter(hierarchy -> Files.exists(hierarchy.resolve("cgroup.procs")))
                .toList();
    }
}
