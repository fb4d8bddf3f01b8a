@NullMarked
package dev.neurath.ca;

import org.jspecify.annotations.NullMarked;
