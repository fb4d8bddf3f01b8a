package dev.neurath.agent.release;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** The SHA-256 of a file, as releases name it. */
public final class FileHash {
    private static final int CHUNK_BYTES = 1 << 20;

    private FileHash() {}

    /** 64 lower-case hexadecimal digits. */
    public static String sha256(Path file) throws IOException {
        return sha256(file, bytes -> {});
    }

    static String sha256(Path file, LongConsumer read) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
                read.accept(count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
