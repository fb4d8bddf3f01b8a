package dev.neurath.agent.vm;

import dev.neurath.agent.os.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose a socket or pidfile is and who may use it: what an owner has set on the old one holds for the one that takes its name. Both names may lie in a directory
 * of a user's whom nobody trusts with root's rights, so each file is held while it is looked at and changed, and no link is followed.
 */
final class Ownership {
    private static final Logger LOG = LoggerFactory.getLogger(Ownership.class);
    private static final int TYPE = 0170000;
    /** No name of anybody's makes another file one that gives its user away when it is executed. */
    private static final int RIGHTS = 0777;

    private Ownership() {}

    /**
     * Whatever goes wrong here, the new one has to get its name: who may not use it is told by a warning.
     *
     * @param maker the user whose QEMU made {@code to}; what belongs to another was not made by it
     */
    static void copy(Path from, Path to, long maker) {
        try {
            if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
                copied(from, to, maker);
            }
        } catch (IOException e) {
            LOG.warn("{} does not get the owner and the mode of {}", to, from, e);
        }
    }

    /** The user that this agent is, and that a QEMU is which nobody gave another. */
    static long ours() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static void copied(Path from, Path to, long maker) throws IOException {
        int fd = Linux.openPath(to);
        try {
            Path held = Path.of("/proc/self/fd", Integer.toString(fd));
            Map<String, Object> wanted = Files.readAttributes(from, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
            Map<String, Object> is = Files.readAttributes(held, "unix:uid,gid,mode,nlink");
            int mode = (int) wanted.getOrDefault("mode", 0);
            boolean alike = (mode & TYPE) == ((int) is.getOrDefault("mode", 0) & TYPE);
            boolean its = Integer.valueOf((int) maker).equals(is.get("uid"));
            // A second name could be that of a file which is not this VM's.
            if (!alike || !its || !Integer.valueOf(1).equals(is.get("nlink"))) {
                throw new IOException(to + " is not what was made there");
            }
            for (String whose : new String[] {"uid", "gid"}) {
                int id = (int) wanted.getOrDefault(whose, 0);
                if (!Integer.valueOf(id).equals(is.get(whose))) {
                    Files.setAttribute(held, "unix:" + whose, id);
                }
            }
            Files.setAttribute(held, "unix:mode", mode & RIGHTS);
        } finally {
            Linux.close(fd);
        }
    }
}
