/** The agent alone, on real QEMUs, under a coordinator that is the product's rules and a journal in memory. */
@NullMarked
package dev.neurath.chaos.agent;

import org.jspecify.annotations.NullMarked;
