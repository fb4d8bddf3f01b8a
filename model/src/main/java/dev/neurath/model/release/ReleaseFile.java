package dev.neurath.model.release;

/**
 * One file of a release.
 *
 * @param path absolute, the same on every host
 * @param sha256 lower-case hex
 */
public record ReleaseFile(String path, String sha256) {}
