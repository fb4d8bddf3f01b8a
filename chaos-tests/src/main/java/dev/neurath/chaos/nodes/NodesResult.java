package dev.neurath.chaos.nodes;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What came of a rollout that lost a node.
 *
 * @param upgraded VMs that the rollout says are upgraded
 * @param switches of all VMs, as the feed tells: one for each VM, or somebody handed one over twice
 * @param feedEvents read by one reader over the nodes' deaths, each once
 * @param journalRows in the database at the end
 * @param problems empty if everything is as it has to be
 */
public record NodesResult(
        NodesPlan plan,
        String phase,
        int upgraded,
        int switches,
        long feedEvents,
        long journalRows,
        Duration rollout,
        List<String> problems) {
    private static final JsonMapper JSON = new JsonMapper();

    public NodesResult {
        problems = List.copyOf(problems);
    }

    public ObjectNode json() {
        ObjectNode json = JSON.createObjectNode();
        json.put("blow", plan.blow().name());
        json.put("node", plan.node());
        json.put("afterMillis", plan.after().toMillis());
        json.put("vms", plan.vms());
        json.put("hosts", plan.hosts());
        json.put("result", phase);
        json.put("upgraded", upgraded);
        json.put("switches", switches);
        json.put("feedEvents", feedEvents);
        json.put("journalRows", journalRows);
        json.put("rolloutMillis", rollout.toMillis());
        problems.forEach(json.putArray("problems")::add);
        return json;
    }

    /** A line for each field. */
    public String text() {
        return json().properties().stream()
                .map(field -> "%-14s %s%n".formatted(field.getKey(), field.getValue()))
                .collect(Collectors.joining());
    }
}
