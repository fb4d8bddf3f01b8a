@NullMarked
package dev.neurath.persistence.journal;

import org.jspecify.annotations.NullMarked;
