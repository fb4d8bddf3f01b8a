package dev.neurath.model.vm;

import dev.neurath.model.ReleaseId;

/**
 * What a VM really runs.
 *
 * @param release registered release that it was started from
 * @param version what the running QEMU says of itself (QMP query-version), for example {@code 10.0.2}
 * @param binarySha256 of the file that the process executes, lower-case hex
 */
public record Revision(ReleaseId release, String version, String binarySha256) {}
