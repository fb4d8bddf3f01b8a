package dev.neurath.testbed.qemu;

/** What somebody asks the catalog for: a version (whole, or its front part), or whatever a suite holds. */
public sealed interface QemuRequest {

    /** {@code 10.0.2}, {@code 11.1}, {@code 7}. */
    record Version(QemuVersion front) implements QemuRequest {
        @Override
        public String toString() {
            return front.toString();
        }
    }

    /** {@code trixie-backports}. */
    record Suite(String name) implements QemuRequest {
        @Override
        public String toString() {
            return name;
        }
    }

    static QemuRequest parse(String text) {
        if (text.matches("\\d{1,4}(\\.\\d{1,4}){0,3}")) {
            return new Version(QemuVersion.parse(text));
        }
        if (text.matches("[a-z][a-z0-9-]{1,60}")) {
            return new Suite(text);
        }
        throw new IllegalArgumentException("neither a version (10.0.2, 11.1) nor a suite (trixie): '" + text + "'");
    }

    /** Whether this one, known for sure, is what was asked for. */
    default boolean accepts(QemuVersion version, String suite) {
        return switch (this) {
            case Version asked -> asked.front().starts(version);
            case Suite asked -> asked.name().equals(suite);
        };
    }

    /** Whether a package may turn out to be what was asked for, its own version being perhaps shortened. */
    default boolean mayAccept(QemuVersion packaged, String suite) {
        return accepts(packaged, suite) || (this instanceof Version asked && packaged.starts(asked.front()));
    }
}
