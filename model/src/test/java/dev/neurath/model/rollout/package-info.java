@NullMarked
package dev.neurath.model.rollout;

import org.jspecify.annotations.NullMarked;
