/** Guests that tell on themselves: a bare-metal one that beats and checks its memory, and a small Linux with disk and NIC. */
@NullMarked
package dev.neurath.testbed.guest;

import org.jspecify.annotations.NullMarked;
