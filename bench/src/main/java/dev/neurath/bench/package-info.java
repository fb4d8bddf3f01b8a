/** What it costs, measured against the plainest that does the same, on the machine at hand. */
@NullMarked
package dev.neurath.bench;

import org.jspecify.annotations.NullMarked;
