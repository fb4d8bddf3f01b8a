/** One guest's hand-over: the agent's, a bare one, and a live migration. */
@NullMarked
package dev.neurath.bench.handover;

import org.jspecify.annotations.NullMarked;
