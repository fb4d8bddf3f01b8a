@NullMarked
package dev.neurath.agent;

import org.jspecify.annotations.NullMarked;
