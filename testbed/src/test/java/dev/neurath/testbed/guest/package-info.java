@NullMarked
package dev.neurath.testbed.guest;

import org.jspecify.annotations.NullMarked;
