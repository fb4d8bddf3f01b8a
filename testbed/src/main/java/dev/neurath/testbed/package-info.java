/** Real things to test against: QEMU versions side by side, guests that tell on themselves, watchers outside of both. */
@NullMarked
package dev.neurath.testbed;

import org.jspecify.annotations.NullMarked;
