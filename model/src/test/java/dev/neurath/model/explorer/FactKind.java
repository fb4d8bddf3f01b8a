package dev.neurath.model.explorer;

import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.handover.Ending;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmFact;
import java.time.Duration;

/** The facts of a VM that matter to an attempt. Settling is left out: the coordinator acknowledges it and nothing else. */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
enum FactKind {
    READY,
    REFUSED,
    CLOSED,
    UPGRADED,
    AS_IT_WAS,
    GONE,
    LOST,
    GONE_WITH_HOST,
    DOUBLE_RUN,
    EXITED,
    INVENTORY_0,
    INVENTORY_1,
    INVENTORY_2,
    SILENT;

    private static final FactKind[] ALL = values();

    static FactKind of(int ordinal) {
        return ALL[ordinal];
    }

    static FactKind of(Ending ending) {
        return switch (ending) {
            case UPGRADED -> UPGRADED;
            case AS_IT_WAS -> AS_IT_WAS;
            case GONE -> GONE;
            case LOST -> LOST;
            case GONE_WITH_HOST -> GONE_WITH_HOST;
            case DOUBLE_RUN -> DOUBLE_RUN;
        };
    }

    static FactKind inventory(int revision) {
        return ALL[INVENTORY_0.ordinal() + revision];
    }

    /** @return true if it says that nothing more will be done under its generation */
    boolean closes() {
        return this != READY && compareTo(EXITED) < 0;
    }

    VmFact fact(Generation g) {
        var pause = new Pause.Measured(Duration.ofMillis(4));
        return switch (this) {
            case READY -> new VmFact.Ready(g);
            case REFUSED -> new VmFact.Refused(g, Refusal.of("REFUSED", "refused", "retry"));
            case CLOSED -> new VmFact.Closed(g);
            case UPGRADED ->
                new VmFact.Ended(
                        g,
                        new Outcome.Upgraded(
                                pause,
                                Fleet.revision((int) g.value() - 1),
                                Fleet.process((int) g.value() - 1),
                                Outcome.Footprint.UNKNOWN));
            case AS_IT_WAS -> new VmFact.Ended(g, new Outcome.AsItWas(pause, "FAILED", "failed", true));
            case GONE -> new VmFact.Ended(g, new Outcome.Gone("GONE", "gone"));
            case LOST -> new VmFact.Ended(g, new Outcome.Lost("lost"));
            case GONE_WITH_HOST -> new VmFact.Ended(g, new Outcome.GoneWithHost());
            case DOUBLE_RUN -> new VmFact.Ended(g, new Outcome.DoubleRun("both ran"));
            case EXITED -> new VmFact.Exited("EXITED", "it ended");
            case INVENTORY_0, INVENTORY_1, INVENTORY_2 -> {
                int revision = ordinal() - INVENTORY_0.ordinal();
                yield new VmFact.Inventory(g, Fleet.revision(revision), Fleet.process(revision));
            }
            case SILENT -> new VmFact.HealthSeen(g, Health.SILENT, "no beat");
        };
    }
}
