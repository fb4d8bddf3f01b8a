package dev.neurath.model.explorer;

/** The explorer has no room to describe what would come next: the state is an edge of the exploration, and is counted as one. */
final class OutOfBounds extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutOfBounds() {
        super(null, null, false, false);
    }
}
