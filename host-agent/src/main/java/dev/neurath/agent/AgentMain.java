package dev.neurath.agent;

import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.log.HostLock;
import dev.neurath.agent.vm.Agent;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** {@code neurath agent}: one host's agent, until it is told to end. Ending it ends no guest. */
public final class AgentMain {
    private static final String LOG_CONFIGURATION = "logback.configurationFile";

    private AgentMain() {}

    public static void main(String[] args) {
        System.exit(run(List.of(args), HoldPoints.NONE));
    }

    /** @return exit code: 0 told to end or asked for help, 1 could not start, 2 usage */
    public static int run(List<String> args, HoldPoints holds) {
        if (System.getProperty(LOG_CONFIGURATION) == null) {
            System.setProperty(LOG_CONFIGURATION, "dev/neurath/agent/logback-agent.xml");
        }
        if (args.contains("--help") || args.contains("-h")) {
            System.out.print(AgentOptions.USAGE);
            return 0;
        }
        AgentOptions options;
        try {
            options = AgentOptions.parse(args, System.getenv());
        } catch (AgentOptions.Invalid e) {
            System.err.println("neurath agent: " + e.getMessage() + "\n\n" + AgentOptions.USAGE);
            return 2;
        }
        try {
            Agent agent = Agent.start(options, holds);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(agent), "told-to-end"));
            System.out.println("ready: host " + options.host());
            new CountDownLatch(1).await();
            return 0;
        } catch (HostLock.Held e) {
            System.err.println("neurath agent: " + e.getMessage()
                    + "; end that one, or start this one with another --host, --state and --run");
            return 1;
        } catch (IOException e) {
            System.err.println("neurath agent: could not start: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static void close(Agent agent) {
        try {
            agent.close();
        } catch (IOException e) {
            System.err.println(
                    "neurath agent: did not end cleanly, which the next start puts right: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
