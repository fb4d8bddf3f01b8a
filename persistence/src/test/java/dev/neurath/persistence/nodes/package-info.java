@NullMarked
package dev.neurath.persistence.nodes;

import org.jspecify.annotations.NullMarked;
