/** Finds out, on machines without a guest, whether one release can take over what another runs. No guest is ever asked anything here. */
@NullMarked
package dev.neurath.agent.proof;

import org.jspecify.annotations.NullMarked;
