package dev.neurath.testbed.qemu;

import java.util.Optional;

/**
 * A QEMU that can be had: from a suite of the mirror, from the cache, or both.
 *
 * @param version the binary's own word when it is cached; before that what the package's version tells, perhaps
 *     shortened (7.2 for a 7.2.22)
 * @param install present when it is cached
 */
public record QemuOffer(String suite, String packageVersion, QemuVersion version, Optional<QemuInstall> install) {
    String label() {
        return version + " (" + suite + (install.isPresent() ? ", cached)" : ")");
    }
}
