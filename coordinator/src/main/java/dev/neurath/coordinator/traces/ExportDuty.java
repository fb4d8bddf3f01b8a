package dev.neurath.coordinator.traces;

import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** One in the cluster: the node that it lives on exports. It hears nothing. */
public final class ExportDuty {
    private ExportDuty() {}

    public static Behavior<Void> create(TraceExport export) {
        return Behaviors.setup(context -> {
            export.takeOver();
            return Behaviors.receive(Void.class)
                    .onSignal(PostStop.class, stopped -> {
                        export.handOn();
                        return Behaviors.same();
                    })
                    .build();
        });
    }
}
