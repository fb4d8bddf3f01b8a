@NullMarked
package dev.neurath.testbed.apt;

import org.jspecify.annotations.NullMarked;
