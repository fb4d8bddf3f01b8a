/** The VMs of this host: what was started, which process each is, what it was ordered and what is reported of it. */
@NullMarked
package dev.neurath.agent.vm;

import org.jspecify.annotations.NullMarked;
