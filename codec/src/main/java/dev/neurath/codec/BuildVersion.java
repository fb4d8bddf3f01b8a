package dev.neurath.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The version of Neurath that this program was built from. */
public final class BuildVersion {
    private BuildVersion() {}

    public static String text() {
        var properties = new Properties();
        try (InputStream file = BuildVersion.class.getResourceAsStream("version.properties")) {
            properties.load(Objects.requireNonNull(file, "version.properties on the class path"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return properties.getProperty("version");
    }
}
