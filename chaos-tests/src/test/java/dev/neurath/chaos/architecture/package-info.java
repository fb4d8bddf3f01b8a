/** The build's own rules: who may know whom, and what the model must not touch. */
@NullMarked
package dev.neurath.chaos.architecture;

import org.jspecify.annotations.NullMarked;
