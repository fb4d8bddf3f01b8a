package dev.neurath.chaos.handover;

import dev.neurath.agent.AgentMain;
import java.nio.file.Path;
import java.util.List;

/** The host's agent as it is, held where the files in {@code STATE/holds} say. */
public final class HeldAgentMain {
    private HeldAgentMain() {}

    public static void main(String[] arguments) {
        List<String> options = List.of(arguments);
        Path state = Path.of(options.get(options.indexOf("--state") + 1));
        System.exit(AgentMain.run(options, new HeldSteps(state.resolve("holds"))));
    }
}
