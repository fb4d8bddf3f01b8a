@NullMarked
package dev.neurath.bench;

import org.jspecify.annotations.NullMarked;
