package dev.neurath.testbed;

import java.nio.file.Path;

/**
 * Where fetched and unpacked things are kept for this user: everything below may be deleted at any time and is fetched
 * again when asked for.
 *
 * @param root the directory below which every part has its own
 */
public record UserCache(Path root) {
    /** The variable that overrides the place, for a build server or a machine with a small home. */
    public static final String VARIABLE = "NEURATH_CACHE";

    /** {@code $NEURATH_CACHE}, else {@code $XDG_CACHE_HOME/neurath}, else {@code ~/.cache/neurath}. */
    public static UserCache ofUser() {
        String own = System.getenv(VARIABLE);
        if (own != null && !own.isBlank()) {
            return new UserCache(Path.of(own).toAbsolutePath());
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        // The XDG base directory specification: a relative path there is invalid and to be ignored.
        if (xdg != null && Path.of(xdg).isAbsolute()) {
            return new UserCache(Path.of(xdg, "neurath"));
        }
        return new UserCache(Path.of(System.getProperty("user.home"), ".cache", "neurath"));
    }

    public Path qemu() {
        return root.resolve("qemu");
    }

    public Path guests() {
        return root.resolve("guests");
    }

    public Path apt() {
        return root.resolve("apt");
    }
}
