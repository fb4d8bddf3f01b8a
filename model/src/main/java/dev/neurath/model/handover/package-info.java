/**
 * The hand-over of one VM on one host, as the agent carries it out: a pure step function, its log, and the recovery table that is its only failure
 * handler. The agent performs the step it is told and answers what came of it; nothing here does I/O or knows the time.
 *
 * <p>The numbers P1..P6 and S1..S9 in the comments are those of docs/hand-over-protocol.md.
 */
@NullMarked
package dev.neurath.model.handover;

import org.jspecify.annotations.NullMarked;
