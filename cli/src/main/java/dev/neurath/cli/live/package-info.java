@NullMarked
package dev.neurath.cli.live;

import org.jspecify.annotations.NullMarked;
