@NullMarked
package dev.neurath.host;

import org.jspecify.annotations.NullMarked;
