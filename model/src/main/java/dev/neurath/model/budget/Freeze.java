package dev.neurath.model.budget;

import dev.neurath.model.Actor;
import java.time.Instant;

/** Nothing new starts in the whole fleet. */
public record Freeze(String reason, Actor by, Instant since) {}
