package dev.neurath.cli.command;

import dev.neurath.proto.v1.Filter;
import dev.neurath.proto.v1.Severity;
import dev.neurath.proto.v1.Start;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "events",
        description = "Everything that happened in the fleet, in one order; one object per line with -o json.",
        footer = "%nExample: neurath events -w --after now --for vm/web-1")
public final class EventsCommand extends Verb implements Callable<Integer> {
    enum Least {
        info,
        warning,
        error
    }

    @Option(
            names = {"-w", "--watch"},
            description = "Go on with what happens from now on.")
    private boolean watch;

    @Option(
            names = "--for",
            paramLabel = "SUBJECT",
            split = ",",
            description = "Only these: vm/ID, host/ID, rollout/ID.")
    private List<String> subjects = List.of();

    @Option(
            names = "--type",
            paramLabel = "PREFIX",
            split = ",",
            description = "Only types that begin so, for example neurath.vm.")
    private List<String> types = List.of();

    @Option(names = "--rollout", paramLabel = "ID", description = "Only what this rollout caused.")
    private String rollout = "";

    @Option(names = "--host", paramLabel = "ID", description = "Only what happened on this host.")
    private String host = "";

    @Option(names = "--severity", paramLabel = "LEAST", description = "info, warning or error.")
    private @Nullable Least severity;

    @Option(
            names = "--after",
            paramLabel = "CURSOR",
            defaultValue = "oldest",
            description = "Start behind this event's cursor; or oldest, or now (${DEFAULT-VALUE}).")
    private String after = "oldest";

    @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
    private int limit;

    @Override
    public Integer call() {
        Filter.Builder filter = Filter.newBuilder()
                .addAllSubjects(subjects)
                .addAllTypePrefixes(types)
                .setRollout(rollout)
                .setHost(host);
        if (severity != null) {
            filter.setMinSeverity(
                    switch (severity) {
                        case info -> Severity.SEVERITY_INFO;
                        case warning -> Severity.SEVERITY_WARNING;
                        case error -> Severity.SEVERITY_ERROR;
                    });
        }
        EventReader reader = new EventReader(api(), console(), printer());
        return watch ? reader.watch(start(), filter.build()) : reader.list(start(), filter.build(), limit);
    }

    private Start start() {
        Start.Builder start = Start.newBuilder();
        return switch (after) {
            case "oldest" -> start.setOldest(true).build();
            case "now" -> start.setNow(true).build();
            default -> start.setAfter(after).build();
        };
    }
}
