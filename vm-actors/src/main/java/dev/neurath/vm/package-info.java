/** The actor around a VM's rules: decide, persist, reply, and only then act. */
@NullMarked
package dev.neurath.vm;

import org.jspecify.annotations.NullMarked;
