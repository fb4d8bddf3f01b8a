/** The actor around a host's rules, and the streams on which agents call. */
@NullMarked
package dev.neurath.host;

import org.jspecify.annotations.NullMarked;
