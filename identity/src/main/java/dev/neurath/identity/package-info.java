/** Who is who in a fleet: certificates, the roles in them, and connections that let nobody else in. */
@NullMarked
package dev.neurath.identity;

import org.jspecify.annotations.NullMarked;
