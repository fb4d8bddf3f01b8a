/** The agent's pieces against real QEMUs, without anything that decides. */
@NullMarked
package dev.neurath.chaos.agent;

import org.jspecify.annotations.NullMarked;
