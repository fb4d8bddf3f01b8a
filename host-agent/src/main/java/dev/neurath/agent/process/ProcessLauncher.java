package dev.neurath.agent.process;

import dev.neurath.agent.os.Spawn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts a QEMU that outlives the agent: own session, own control group, stdio to a file, no descriptor that was not passed.
 *
 * <p>It writes nothing down: the caller has recorded the tag, which stands in the command line, before it starts anything,
 * and so finds the process even when it dies between the start and the return.
 */
public final class ProcessLauncher {
    /**
     * Joins the groups before the program starts, so that no memory is charged elsewhere; stays the same process. One that cannot be joined is no reason not to
     * run the guest; what refused stands at the head of its output.
     */
    private static final String JOIN_THEN_EXEC =
            "n=$1; shift; while [ \"$n\" -gt 0 ]; do echo 0 > \"$1/cgroup.procs\" || :; shift; n=$((n-1)); done;"
                    + " exec \"$@\"";

    private ProcessLauncher() {}

    /**
     * What to start.
     *
     * @param passedFds descriptors of this process that the new one shall have as 3, 4, …
     * @param tag stands somewhere in argv
     */
    public record Launch(
            List<String> argv,
            Map<String, String> environment,
            Path directory,
            Path output,
            List<Integer> passedFds,
            ControlGroup group,
            String tag) {
        public Launch {
            argv = List.copyOf(argv);
            environment = Map.copyOf(environment);
            passedFds = List.copyOf(passedFds);
        }
    }

    /** Fails when the program is missing or not executable; one that ends at once is seen by its identity only. */
    public static ProcessIdentity start(Launch launch) throws IOException {
        List<String> argv = new ArrayList<>();
        if (!launch.group().directories().isEmpty()) {
            // The shell would report a missing program only by its exit status.
            requireExecutable(launch.argv().getFirst());
            argv.addAll(List.of("/bin/sh", "-c", JOIN_THEN_EXEC, "sh"));
            argv.add(Integer.toString(launch.group().directories().size()));
            launch.group().directories().forEach(directory -> argv.add(directory.toString()));
        }
        argv.addAll(launch.argv());
        int pid =
                new Spawn(argv, launch.environment(), launch.directory(), launch.output(), launch.passedFds()).start();
        // Our own child keeps its entry until it is reaped, so it is found here even when it has ended already.
        return ProcessIdentity.of(pid, launch.tag())
                .orElseThrow(() -> new IOException("process " + pid + " vanished while it was being started"));
    }

    private static void requireExecutable(String program) throws IOException {
        if (!java.nio.file.Files.isExecutable(Path.of(program))) {
            throw new IOException(program + " is missing or not executable");
        }
    }
}
