@NullMarked
package dev.neurath.persistence.events;

import org.jspecify.annotations.NullMarked;
