@NullMarked
package dev.neurath.model.host;

import org.jspecify.annotations.NullMarked;
