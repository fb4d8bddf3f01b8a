@NullMarked
package dev.neurath.testbed.agent;

import org.jspecify.annotations.NullMarked;
