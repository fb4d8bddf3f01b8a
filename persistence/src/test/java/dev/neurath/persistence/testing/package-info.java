@NullMarked
package dev.neurath.persistence.testing;

import org.jspecify.annotations.NullMarked;
