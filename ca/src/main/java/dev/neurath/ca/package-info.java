/** A fleet's own certification authority: keys and certificates in a directory of the operator's. */
@NullMarked
package dev.neurath.ca;

import org.jspecify.annotations.NullMarked;
