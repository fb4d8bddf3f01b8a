/**
 * The hand-over of one VM to a new QEMU: performs the steps that {@link dev.neurath.model.handover.HandOverRules} asks for, on real processes. What to
 * do next is never decided here.
 */
@NullMarked
package dev.neurath.agent.handover;

import org.jspecify.annotations.NullMarked;
