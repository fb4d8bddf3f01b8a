@NullMarked
package dev.neurath.model.proof;

import org.jspecify.annotations.NullMarked;
