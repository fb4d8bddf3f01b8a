/** The one owner of budget tokens for all rollouts, and the fleet-wide freeze. */
@NullMarked
package dev.neurath.model.budget;

import org.jspecify.annotations.NullMarked;
