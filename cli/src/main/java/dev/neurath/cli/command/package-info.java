@NullMarked
package dev.neurath.cli.command;

import org.jspecify.annotations.NullMarked;
