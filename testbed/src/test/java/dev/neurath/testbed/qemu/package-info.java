@NullMarked
package dev.neurath.testbed.qemu;

import org.jspecify.annotations.NullMarked;
