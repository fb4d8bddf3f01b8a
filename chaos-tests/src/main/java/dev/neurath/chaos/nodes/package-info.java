/** A rollout over real guests while a coordinator node is killed or stopped, and what came of it as the feed, the journal and /proc tell. */
@NullMarked
package dev.neurath.chaos.nodes;

import org.jspecify.annotations.NullMarked;
