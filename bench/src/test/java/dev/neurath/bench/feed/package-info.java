@NullMarked
package dev.neurath.bench.feed;

import org.jspecify.annotations.NullMarked;
