@NullMarked
package dev.neurath.cli.output;

import org.jspecify.annotations.NullMarked;
