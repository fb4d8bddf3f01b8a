package dev.neurath.testbed.demo;

import dev.neurath.testbed.agent.FailureMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a demo is to be.
 *
 * @param vms beating guests, beside the one that is marked as a deliberate failure
 * @param ramBytes of each of them
 * @param from what they start with; null = the usual one
 * @param to what they are taken to; null = the usual one
 * @param guest an ELF to boot in place of the built-in guest; it has to beat the same way
 * @param keep leave everything running
 */
public record DemoOptions(
        int hosts,
        int vms,
        long ramBytes,
        @Nullable String from,
        @Nullable String to,
        @Nullable Path guest,
        FailureMode fail,
        String accel,
        boolean keep) {}
