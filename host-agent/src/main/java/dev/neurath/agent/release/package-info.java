/** Releases: which files a QEMU consists of, and proof that they are the ones that were registered. */
@NullMarked
package dev.neurath.agent.release;

import org.jspecify.annotations.NullMarked;
