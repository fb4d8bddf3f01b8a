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

    boolean wants(Event event) {
        return (subjects.isEmpty() || subjects.contains(event.getSubject()))
                && (typePrefixes.isEmpty() || typePrefixes.stream().anyMatch(event.getType()::startsWith))
                && (rollout.isEmpty()
                        || rollout.equals(event.getRollout())
                        || event.getSubject().equals("rollout/" + rollout))
                && (host.isEmpty()
                        || host.equals(event.getHost())
                        || event.getSubject().equals("host/" + host))
                && event.getSeverityValue() >= minSeverity;
    }
}
