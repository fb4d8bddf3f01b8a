@NullMarked
package dev.neurath.model.release;

import org.jspecify.annotations.NullMarked;
