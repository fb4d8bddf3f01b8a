/** Command lines for QEMU and the questions that can be asked of a running one. */
@NullMarked
package dev.neurath.agent.qemu;

import org.jspecify.annotations.NullMarked;
