package dev.neurath.testbed.demo;

import dev.neurath.testbed.qemu.QemuCatalog;
import dev.neurath.testbed.qemu.QemuInstall;
import dev.neurath.testbed.qemu.QemuOffer;
import dev.neurath.testbed.qemu.QemuRequest;
import dev.neurath.testbed.qemu.QemuVersion;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The two QEMUs of a demo. The usual ones are wishes only: suites move on, and then the nearest that can be had is taken, and told.
 * What somebody asked for by name is taken as asked or not at all.
 */
record QemuPair(QemuInstall from, QemuInstall to) {
    static final String USUAL_FROM = "10.0.2";
    static final String USUAL_TO = "11.1.3";

    static QemuPair resolve(QemuCatalog catalog, @Nullable String from, @Nullable String to, Consumer<String> progress)
            throws IOException, InterruptedException {
        QemuInstall old =
                from == null ? usual(catalog, USUAL_FROM, progress) : asked(catalog, "--from", from, progress);
        QemuInstall next = to == null ? usual(catalog, USUAL_TO, progress) : asked(catalog, "--to", to, progress);
        return new QemuPair(old, next);
    }

    private static QemuInstall asked(QemuCatalog catalog, String option, String text, Consumer<String> progress)
            throws IOException, InterruptedException {
        try {
            return catalog.fetch(QemuRequest.parse(text), progress);
        } catch (IllegalArgumentException | UnresolvedRequestException unresolved) {
            throw new DemoFailure(option + " " + text + ": " + unresolved.getMessage());
        }
    }

    private static QemuInstall usual(QemuCatalog catalog, String wish, Consumer<String> progress)
            throws IOException, InterruptedException {
        try {
            return catalog.fetch(QemuRequest.parse(wish), progress);
        } catch (UnresolvedRequestException movedOn) {
            List<QemuOffer> offers = catalog.list(progress);
            QemuOffer nearest = nearest(QemuVersion.parse(wish), offers)
                    .orElseThrow(() -> new DemoFailure(
                            "no QEMU can be had: neither cached nor from this machine's package mirror"));
            progress.accept("QEMU " + wish + " is not to be had any more; taking " + nearest.version() + " from "
                    + nearest.suite());
            return nearest.install().isPresent()
                    ? nearest.install().get()
                    : catalog.fetch(QemuRequest.parse(nearest.suite()), progress);
        }
    }

    /** The least newer one, else the newest there is. */
    static Optional<QemuOffer> nearest(QemuVersion wish, List<QemuOffer> offers) {
        Comparator<QemuOffer> byVersion = Comparator.comparing(QemuOffer::version);
        return offers.stream()
                .filter(offer -> offer.version().compareTo(wish) >= 0)
                .min(byVersion)
                .or(() -> offers.stream().max(byVersion));
    }
}
