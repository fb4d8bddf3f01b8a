@NullMarked
package dev.neurath.bench.journal;

import org.jspecify.annotations.NullMarked;
