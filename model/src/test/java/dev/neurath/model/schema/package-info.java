@NullMarked
package dev.neurath.model.schema;

import org.jspecify.annotations.NullMarked;
