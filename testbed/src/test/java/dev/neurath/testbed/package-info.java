@NullMarked
package dev.neurath.testbed;

import org.jspecify.annotations.NullMarked;
