@NullMarked
package dev.neurath.testbed.beat;

import org.jspecify.annotations.NullMarked;
