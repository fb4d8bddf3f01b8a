package dev.neurath.coordinator.fleet;

import dev.neurath.model.VmId;
import dev.neurath.persistence.feed.FeedRow;
import org.jspecify.annotations.Nullable;

/**
 * A row of the feed, understood.
 *
 * @param event of the model
 * @param span of a VM's event: the order it belongs to; null for others and before the VM's first order
 */
public record FeedEntry(FeedRow row, Subject subject, Object event, VmSpans.@Nullable Span span) {
    static FeedEntry of(FeedRow row, Subject subject, Object event, FleetFold fold) {
        VmEntry vm = subject.kind().equals(Subject.VM) ? fold.vms.get(new VmId(subject.id())) : null;
        return new FeedEntry(row, subject, event, vm == null ? null : vm.spans().at(row.sequenceNr()));
    }
}
