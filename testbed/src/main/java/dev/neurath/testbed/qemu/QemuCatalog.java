package dev.neurath.testbed.qemu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.testbed.CacheLock;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.apt.AptMirror;
import dev.neurath.testbed.apt.AptState;
import dev.neurath.testbed.apt.PackageFiles;
import dev.neurath.testbed.apt.PrintedUri;
import dev.neurath.testbed.qemu.UnresolvedRequestException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The real QEMU versions this user has or can have, side by side. What stands in the cache is whole and checked, put
 * there by one rename; what is cached is used without asking anybody. Nothing is installed, no root is needed, and the
 * machine's own packages and apt state are not touched.
 *
 * <p>Starting a QEMU is left to others: see {@link QemuInstall#command()}.
 */
public final class QemuCatalog {
    private static final String PACKAGE = "qemu-system-x86";

    /** What the indices say, and whether they are today's. */
    private record Mirrored(List<QemuOffer> offers, boolean reached) {}

    private final UserCache cache;
    private final SuiteList suites;

    private QemuCatalog(UserCache cache, SuiteList suites) {
        this.cache = cache;
        this.suites = suites;
    }

    public static QemuCatalog ofUser() {
        return in(UserCache.ofUser());
    }

    public static QemuCatalog in(UserCache cache) {
        return new QemuCatalog(cache, SuiteList.standard());
    }

    /** Looks in one more suite of the mirror. */
    public QemuCatalog withSuite(String suite) {
        return new QemuCatalog(cache, suites.with(suite));
    }

    /** What is in the cache: no network, no lock. */
    public List<QemuOffer> cached() throws IOException {
        List<QemuOffer> found = new ArrayList<>();
        for (Path home : homes()) {
            InstallRecord record = InstallRecord.read(home);
            found.add(new QemuOffer(
                    record.suite(), record.packageVersion(), record.version(), Optional.of(record.install(home))));
        }
        found.sort(Comparator.comparing(QemuOffer::version).thenComparing(QemuOffer::suite));
        return found;
    }

    /** What is in the cache and what the mirror offers today; suites that cannot be read are told and left out. */
    public List<QemuOffer> list(Consumer<String> progress) throws IOException, InterruptedException {
        try (CacheLock lock = CacheLock.of(cache.apt(), progress)) {
            return withCached(offered(lock, progress).offers());
        }
    }

    /**
     * The one QEMU that answers the request, from the cache or else fetched. A version prefix that one cached QEMU
     * answers is not looked for any further.
     *
     * @param progress gets one line per step worth telling
     */
    public QemuInstall fetch(QemuRequest request, Consumer<String> progress) throws IOException, InterruptedException {
        Optional<QemuInstall> cached = find(request);
        if (cached.isPresent()) {
            return cached.get();
        }
        QemuCatalog wide = request instanceof QemuRequest.Suite suite ? withSuite(suite.name()) : this;
        try (CacheLock lock = CacheLock.of(cache.apt(), progress)) {
            // Somebody else may have fetched it while we waited for the lock.
            cached = find(request);
            return cached.isPresent() ? cached.get() : wide.fetch(lock, request, progress);
        }
    }

    /** The cached QEMU that answers the request, if there is exactly one. */
    public Optional<QemuInstall> find(QemuRequest request) throws IOException {
        return Choice.cached(request, cached()).flatMap(QemuOffer::install);
    }

    /** Files with hashes, argument prefix and environment of a cached QEMU, as a release is registered. */
    public ObjectNode releaseManifest(QemuInstall install) throws IOException {
        for (Path home : homes()) {
            InstallRecord record = InstallRecord.read(home);
            if (record.install(home).equals(install)) {
                return record.releaseManifest(home);
            }
        }
        throw new IOException("not in this cache: " + install.root());
    }

    private QemuInstall fetch(CacheLock lock, QemuRequest request, Consumer<String> progress)
            throws IOException, InterruptedException {
        Mirrored mirrored = offered(lock, progress);
        List<QemuOffer> offers = mirrored.offers();
        String silence = mirrored.reached() ? "" : "; the mirror cannot be reached";
        QemuOffer offer =
                Choice.offered(request, offers).orElseThrow(() -> unknown(request, withCachedLabels(offers), silence));
        QemuInstall install = fetch(lock, offer, progress);
        if (!request.accepts(install.version(), install.suite())) {
            throw unknown(request, withCachedLabels(offers), "; " + offer.suite() + " holds " + install.version());
        }
        return install;
    }

    private QemuInstall fetch(CacheLock lock, QemuOffer offer, Consumer<String> progress)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        List<String> entry = suites.of(offer.suite()).orElse(List.of(offer.suite()));
        progress.accept("fetching QEMU " + offer.version() + " from " + offer.suite());
        // We hold the lock: whatever lies here was left by a fetcher that died.
        Path partial = cache.qemu().resolve("partial");
        PackageFiles.deleteTree(partial);
        List<PrintedUri> uris = apt(lock).closure(entry, PACKAGE);
        PackageFiles.fetch(apt(lock), uris, partial.resolve("packages"), partial.resolve("root"), progress);
        QemuInstall unpacked = QemuPrefix.inspect(partial.resolve("root"), offer.suite());
        InstallRecord record = InstallRecord.of(unpacked, offer.packageVersion());
        record.write(partial);
        Path home = installs().resolve(unpacked.version() + "-" + offer.suite());
        if (!Files.exists(home)) {
            Files.createDirectories(installs());
            Files.move(partial, home, StandardCopyOption.ATOMIC_MOVE);
        }
        progress.accept("QEMU %s from %s is ready after %.1f s"
                .formatted(
                        record.version(),
                        offer.suite(),
                        Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1e3));
        return record.install(home);
    }

    /**
     * Asks each suite's index; one that fails is told and left out. A mirror that cannot be reached is not asked again
     * for each: then what its indices said last time holds.
     */
    private Mirrored offered(CacheLock lock, Consumer<String> progress) throws IOException, InterruptedException {
        AptState apt = apt(lock);
        Map<String, String> codenames = new LinkedHashMap<>();
        boolean reached = true;
        for (String plain : suites.movingRoots()) {
            try {
                apt.codename(plain).ifPresent(name -> codenames.put(plain, name));
            } catch (IOException e) {
                boolean held = String.valueOf(e.getMessage()).contains("404");
                progress.accept((held ? "the mirror holds no " + plain + ": " : "the mirror cannot be reached: ")
                        + firstLine(e));
                reached &= held;
            }
        }
        List<QemuOffer> offers = new ArrayList<>();
        for (List<String> entry : suites.settled(codenames).entries()) {
            if (reached) {
                try {
                    apt.update(entry);
                } catch (IOException e) {
                    progress.accept(entry.getLast() + " cannot be refreshed: " + firstLine(e));
                }
            }
            Optional<String> held = apt.version(entry.getLast(), PACKAGE);
            if (held.isPresent()) {
                QemuVersion version = QemuVersion.ofPackage(held.get())
                        .orElseThrow(() -> new IOException("not a package version: " + held.get()));
                offers.add(new QemuOffer(entry.getLast(), held.get(), version, Optional.empty()));
            }
        }
        return new Mirrored(offers, reached);
    }

    /** Cached ones first; an offer of the mirror that is the very package cached is told once. */
    private List<QemuOffer> withCached(List<QemuOffer> offers) throws IOException {
        List<QemuOffer> all = new ArrayList<>(cached());
        for (QemuOffer offer : offers) {
            if (all.stream()
                    .noneMatch(known -> known.suite().equals(offer.suite())
                            && known.packageVersion().equals(offer.packageVersion()))) {
                all.add(offer);
            }
        }
        return all;
    }

    private List<String> withCachedLabels(List<QemuOffer> offers) {
        try {
            return Choice.labels(withCached(offers));
        } catch (IOException e) {
            // The list only helps the asker: what the mirror offers is better than no answer at all.
            return Choice.labels(offers);
        }
    }

    private static UnresolvedRequestException unknown(QemuRequest request, List<String> found, String more) {
        return new UnresolvedRequestException(Reason.UNKNOWN, request, found, more);
    }

    /** The lock is asked for, since the state's indices are written. */
    private AptState apt(CacheLock held) throws IOException, InterruptedException {
        if (!held.isHeld()) {
            throw new IllegalStateException("the cache's lock has been given back");
        }
        return new AptState(cache.apt(), AptMirror.ofMachine(suites.names()));
    }

    private Path installs() {
        return cache.qemu().resolve("installs");
    }

    private List<Path> homes() throws IOException {
        List<Path> homes = new ArrayList<>();
        if (Files.isDirectory(installs())) {
            try (DirectoryStream<Path> directories = Files.newDirectoryStream(installs())) {
                directories.forEach(homes::add);
            }
        }
        return homes;
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
