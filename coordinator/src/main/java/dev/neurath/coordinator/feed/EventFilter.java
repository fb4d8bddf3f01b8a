package dev.neurath.coordinator.feed;

import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.Filter;
import java.util.List;
import java.util.Set;

/** Which events a reader wants. All that is given must hold; what is empty always does. */
record EventFilter(Set<String> subjects, List<String> typePrefixes, String rollout, String host, int minSeverity) {
    static EventFilter of(Filter filter) {
        return new EventFilter(
                Set.copyOf(filter.getSubjectsList()),
                List.copyOf(filter.getTypePrefixesList()),
                filter.getRollout(),
                filter.getHost(),
                filter.getMinSeverityValue());
    }

    /** What is not wanted by its name is not even made: most monitors want few of the events of a busy night. */
    boolean wants(Published next) {
        return (subjects.isEmpty() || subjects.contains(next.subject()))
                && (typePrefixes.isEmpty() || typePrefixes.stream().anyMatch(next.type()::startsWith))
                && wants(next.event());
    }

    private boolean wants(Event event) {
        return (rollout.isEmpty()
                        || rollout.equals(event.getRollout())
                        || event.getSubject().equals("rollout/" + rollout))
                && (host.isEmpty()
                        || host.equals(event.getHost())
                        || event.getSubject().equals("host/" + host))
                && event.getSeverityValue() >= minSeverity;
    }
}
