@NullMarked
package dev.neurath.codec;

import org.jspecify.annotations.NullMarked;
