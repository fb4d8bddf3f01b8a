@NullMarked
package dev.neurath.bench.handover;

import org.jspecify.annotations.NullMarked;
