@NullMarked
package dev.neurath.persistence.embedded;

import org.jspecify.annotations.NullMarked;
