@NullMarked
package dev.neurath.persistence;

import org.jspecify.annotations.NullMarked;
