/** Debian packages for anybody, without root: a private apt state on the machine's own mirror, nothing installed. */
@NullMarked
package dev.neurath.testbed.apt;

import org.jspecify.annotations.NullMarked;
