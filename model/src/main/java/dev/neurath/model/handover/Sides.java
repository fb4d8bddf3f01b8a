package dev.neurath.model.handover;

/**
 * One look at both processes. A status counts only if it was read on a connection that was greeted after the previous controller's end.
 *
 * @param sameBoot false if the host was booted again since BEGIN: then no pid means anything
 * @param shutdownSeen SHUTDOWN was seen from either side since BEGIN
 * @param oldStood old is dead, and this incarnation heard it from its stop to its end on one connection, and no RESUME: what new was given is still the
 *     guest's state, whatever was sent to old in between
 */
public record Sides(boolean sameBoot, OldStatus old, NewStatus fresh, boolean shutdownSeen, boolean oldStood) {}
