/** QEMU versions side by side in the user's cache, each with all it needs to run. */
@NullMarked
package dev.neurath.testbed.qemu;

import org.jspecify.annotations.NullMarked;
