package dev.neurath.persistence.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How PostgreSQL's programs are started so that they do not find themselves root, which they refuse to be.
 *
 * <p>Every way ends in {@code exec}: the process id stays that of the process started here.
 */
enum Privileges {
    /** Not root: nothing to drop. */
    OWN,
    /**
     * A user namespace without any mapping: the programs see an unprivileged user, have no capability outside, and still own
     * the files of root's, which may lie below directories that nobody else can enter.
     */
    USER_NAMESPACE,
    /** Where user namespaces are forbidden (many containers): another user, who keeps the right to enter root's directories. */
    NOBODY;

    private List<String> prefix() {
        return switch (this) {
            case OWN -> List.of();
            case USER_NAMESPACE -> List.of("unshare", "--user");
            case NOBODY ->
                List.of(
                        "setpriv",
                        "--reuid=65534",
                        "--regid=65534",
                        "--clear-groups",
                        "--inh-caps=+dac_override",
                        "--ambient-caps=+dac_override");
        };
    }

    static Privileges available() {
        if (!isRoot()) {
            return OWN;
        }
        for (Privileges candidate : List.of(USER_NAMESPACE, NOBODY)) {
            if (candidate.works()) {
                return candidate;
            }
        }
        throw new DatabaseStartException(
                "PostgreSQL does not run as root, and neither unshare nor setpriv can drop root's"
                        + " rights here: start this node as another user, or set neurath.database.url to a server of your own");
    }

    List<String> command(List<String> programAndArguments) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(programAndArguments);
        return command;
    }

    /** Makes the files belong to whom the programs will be. */
    void own(Path tree) throws IOException {
        if (this == OWN) {
            return;
        }
        int uid = this == NOBODY ? 65534 : 0;
        if ((int) Files.getAttribute(tree, "unix:uid", LinkOption.NOFOLLOW_LINKS) != uid) {
            UserPrincipal owner =
                    tree.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(String.valueOf(uid));
            Trees.giveTo(owner, tree);
        }
    }

    private boolean works() {
        try {
            Process probe = new ProcessBuilder(command(List.of("true")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (probe.waitFor(10, TimeUnit.SECONDS)) {
                return probe.exitValue() == 0;
            }
            probe.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            throw new DatabaseStartException("Cannot tell which user this is: " + Reasons.of(e), e);
        }
    }
}
