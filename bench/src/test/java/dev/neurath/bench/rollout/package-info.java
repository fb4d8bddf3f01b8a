@NullMarked
package dev.neurath.bench.rollout;

import org.jspecify.annotations.NullMarked;
