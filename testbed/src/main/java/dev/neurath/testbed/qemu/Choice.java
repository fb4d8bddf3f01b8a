package dev.neurath.testbed.qemu;

import dev.neurath.testbed.qemu.UnresolvedRequestException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which of the QEMUs found answers a request: pure. The same version in two suites is one answer (the first listed
 * wins); two versions are two answers, unless a suite was asked for, whose newest is meant.
 */
final class Choice {
    private Choice() {}

    /** Among what is cached, where versions are certain. */
    static Optional<QemuOffer> cached(QemuRequest request, List<QemuOffer> found) throws UnresolvedRequestException {
        return only(
                request,
                found,
                offer -> offer.install().isPresent() && request.accepts(offer.version(), offer.suite()));
    }

    /** Among what the mirror offers, where a version may be shortened. */
    static Optional<QemuOffer> offered(QemuRequest request, List<QemuOffer> found) throws UnresolvedRequestException {
        return only(request, found, offer -> request.mayAccept(offer.version(), offer.suite()));
    }

    private static Optional<QemuOffer> only(QemuRequest request, List<QemuOffer> found, Predicate<QemuOffer> fits)
            throws UnresolvedRequestException {
        List<QemuOffer> fitting = found.stream().filter(fits).toList();
        if (request instanceof QemuRequest.Suite) {
            return fitting.stream().max(Comparator.comparing(QemuOffer::version));
        }
        Stream<QemuVersion> versions = fitting.stream().map(QemuOffer::version).distinct();
        if (versions.limit(2).count() > 1) {
            throw new UnresolvedRequestException(Reason.AMBIGUOUS, request, labels(fitting), "");
        }
        return fitting.stream().findFirst();
    }

    static List<String> labels(List<QemuOffer> offers) {
        return offers.stream().map(QemuOffer::label).distinct().toList();
    }
}
