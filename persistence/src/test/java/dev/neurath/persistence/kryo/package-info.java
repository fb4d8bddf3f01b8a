@NullMarked
package dev.neurath.persistence.kryo;

import org.jspecify.annotations.NullMarked;
