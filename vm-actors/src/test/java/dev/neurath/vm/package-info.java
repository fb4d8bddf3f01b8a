@NullMarked
package dev.neurath.vm;

import org.jspecify.annotations.NullMarked;
