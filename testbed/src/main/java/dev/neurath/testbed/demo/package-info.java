/** {@code neurath demo}: a fleet of real guests on this machine, upgraded before one's eyes, with nothing left behind. */
@NullMarked
package dev.neurath.testbed.demo;

import org.jspecify.annotations.NullMarked;
