@NullMarked
package dev.neurath.model;

import org.jspecify.annotations.NullMarked;
