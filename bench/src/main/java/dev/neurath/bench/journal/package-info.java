/** The journal plugin beside the one that everybody has, and beside bare JDBC. */
@NullMarked
package dev.neurath.bench.journal;

import org.jspecify.annotations.NullMarked;
