@NullMarked
package dev.neurath.intent;

import org.jspecify.annotations.NullMarked;
