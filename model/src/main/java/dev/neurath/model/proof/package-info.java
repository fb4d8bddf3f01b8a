/** What was found out by trying, on machines without a guest, about handing a kind of machine from one release to another. */
@NullMarked
package dev.neurath.model.proof;

import org.jspecify.annotations.NullMarked;
