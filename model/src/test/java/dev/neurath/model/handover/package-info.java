@NullMarked
package dev.neurath.model.handover;

import org.jspecify.annotations.NullMarked;
