@NullMarked
package dev.neurath.model.budget;

import org.jspecify.annotations.NullMarked;
