/** The asynchronous QMP client: one selector thread for every QEMU of the host. */
@NullMarked
package dev.neurath.agent.qmp;

import org.jspecify.annotations.NullMarked;
