/** The host's state machine: which agent session counts, cordon, evidence of death, and the VMs placed on it. */
@NullMarked
package dev.neurath.model.host;

import org.jspecify.annotations.NullMarked;
