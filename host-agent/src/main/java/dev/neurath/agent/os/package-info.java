/** The Linux calls that the JDK does not offer, by the foreign-function API; no knowledge of virtual machines here. */
@NullMarked
package dev.neurath.agent.os;

import org.jspecify.annotations.NullMarked;
