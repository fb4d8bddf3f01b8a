@NullMarked
package dev.neurath.persistence.database;

import org.jspecify.annotations.NullMarked;
