@NullMarked
package dev.neurath.persistence.feed;

import org.jspecify.annotations.NullMarked;
