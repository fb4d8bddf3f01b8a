/** Model to protobuf and back: one place for the journal, the agents' link and the API. */
@NullMarked
package dev.neurath.codec;

import org.jspecify.annotations.NullMarked;
