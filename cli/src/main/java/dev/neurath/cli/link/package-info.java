@NullMarked
package dev.neurath.cli.link;

import org.jspecify.annotations.NullMarked;
