@NullMarked
package dev.neurath.cli;

import org.jspecify.annotations.NullMarked;
