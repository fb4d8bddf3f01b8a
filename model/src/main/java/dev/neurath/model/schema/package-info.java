/** How two QEMU binaries describe the state of their devices, and whether what one writes the other can read. */
@NullMarked
package dev.neurath.model.schema;

import org.jspecify.annotations.NullMarked;
