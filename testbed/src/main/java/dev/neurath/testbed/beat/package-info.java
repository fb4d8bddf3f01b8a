/** Watching guests and their QEMUs from outside: what a guest's log says and when, which process ran and died when. */
@NullMarked
package dev.neurath.testbed.beat;

import org.jspecify.annotations.NullMarked;
