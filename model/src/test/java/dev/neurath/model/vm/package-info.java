@NullMarked
package dev.neurath.model.vm;

import org.jspecify.annotations.NullMarked;
