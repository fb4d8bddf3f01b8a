package dev.neurath.testbed.agent;

import dev.neurath.agent.AgentMain;
import dev.neurath.agent.handover.HoldPoints;
import java.nio.file.Path;
import java.util.List;

/** The host's agent as it is, but for the VMs that have a file {@code STATE/faults/VM}: its one word says how their hand-over fails. */
public final class TestbedAgentMain {
    private TestbedAgentMain() {}

    public static void main(String[] arguments) {
        List<String> options = List.of(arguments);
        int state = options.indexOf("--state");
        boolean named = state >= 0 && state + 1 < options.size();
        HoldPoints holds = named ? new PlantedFaults(Path.of(options.get(state + 1), "faults")) : HoldPoints.NONE;
        System.exit(AgentMain.run(options, holds));
    }
}
