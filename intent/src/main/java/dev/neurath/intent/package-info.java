/** What people write in YAML, read into the model: rollout files and VM files, every error with its place in the file. */
@NullMarked
package dev.neurath.intent;

import org.jspecify.annotations.NullMarked;
