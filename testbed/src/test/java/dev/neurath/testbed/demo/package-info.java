@NullMarked
package dev.neurath.testbed.demo;

import org.jspecify.annotations.NullMarked;
