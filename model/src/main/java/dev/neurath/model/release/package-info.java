/** The catalog of releases: what may be executed, and what is known of it. */
@NullMarked
package dev.neurath.model.release;

import org.jspecify.annotations.NullMarked;
