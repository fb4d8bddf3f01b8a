package dev.neurath.agent.qmp;

/**
 * Receives what a connection says by itself: in order, one call at a time, in the order in which replies complete too.
 *
 * <p>It is named at connect, so no event after the greeting can be missed. Calls come on the connection's own virtual thread:
 * one that blocks delays this connection only. A {@link #prompt} one is told of events on the reading thread, perhaps before earlier replies complete.
 */
public interface QmpListener {
    QmpListener NONE = new QmpListener() {
        @Override
        public void event(QmpEvent event) {}

        @Override
        public void ended(QmpFailure why) {}
    };

    void event(QmpEvent event);

    /** @return true if {@link #event} never waits for anything: a change of threads less, which counts while a guest stands still */
    default boolean prompt() {
        return false;
    }

    /** The connection is over; nothing follows. */
    void ended(QmpFailure why);
}
