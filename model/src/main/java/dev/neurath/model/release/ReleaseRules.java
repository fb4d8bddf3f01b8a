package dev.neurath.model.release;

import dev.neurath.model.Decision;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides what enters the catalog. What a release id stands for never changes: a VM's revision names it long after.
 *
 * <p>That the files are really there and have these hashes is checked by each agent, on its own host.
 */
public final class ReleaseRules {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private ReleaseRules() {}

    public static Decision<ReleaseEvent, ReleaseEffect> decide(CatalogState catalog, ReleaseCommand command) {
        return switch (command) {
            case ReleaseCommand.Register register -> register(catalog, register);
            case ReleaseCommand.LearnFacts learn -> {
                Optional<Release> known = catalog.find(learn.release());
                if (known.isEmpty()) {
                    yield new Decision.Refused<>(unknown(learn.release()));
                }
                yield learn.facts().equals(known.get().facts())
                        ? Decision.ignore()
                        : Decision.accept(
                                List.of(new ReleaseEvent.FactsLearnt(learn.release(), learn.facts())), List.of());
            }
            case ReleaseCommand.LearnPairRefusal learn ->
                catalog.pairRefusals().contains(learn.pair())
                        ? Decision.ignore()
                        : Decision.accept(List.of(new ReleaseEvent.PairRefused(learn.pair())), List.of());
            case ReleaseCommand.LearnProof learn -> {
                ReleaseId missing = learn.proof().way().stream()
                        .filter(release -> catalog.find(release).isEmpty())
                        .findFirst()
                        .orElse(null);
                if (missing != null) {
                    yield new Decision.Refused<>(unknown(missing));
                }
                yield catalog.proofs().contains(learn.proof())
                        ? Decision.ignore()
                        : Decision.accept(List.of(new ReleaseEvent.ProofLearnt(learn.proof())), List.of());
            }
        };
    }

    public static Refusal unknown(ReleaseId release) {
        return Refusal.of("RELEASE_UNKNOWN", "There is no release %s.".formatted(release), "neurath release list");
    }

    private static Decision<ReleaseEvent, ReleaseEffect> register(
            CatalogState catalog, ReleaseCommand.Register register) {
        Release release = register.release();
        Optional<Refusal> malformed = check(release);
        if (malformed.isPresent()) {
            return new Decision.Refused<>(malformed.get());
        }
        Release known = catalog.releases().get(release.id());
        if (known == null) {
            return Decision.accept(
                    List.of(new ReleaseEvent.Registered(release, register.by())),
                    List.of(new ReleaseEffect.SendCatalog()));
        }
        if (!known.holdsTheSameAs(release)) {
            return Decision.refuse(
                    "RELEASE_DIFFERS",
                    "Release %s is registered already, with other contents.".formatted(release.id()),
                    "register it under another id");
        }
        if (!release.signature().isEmpty() && !release.signature().equals(known.signature())) {
            // The same contents under another key's signature, for the day on which the old key counts no longer.
            return Decision.accept(
                    List.of(new ReleaseEvent.Registered(
                            release.facts() == null ? release.withFacts(known.facts()) : release, register.by())),
                    List.of(new ReleaseEffect.SendCatalog()));
        }
        return release.facts() == null || release.facts().equals(known.facts())
                ? Decision.ignore()
                : Decision.accept(List.of(new ReleaseEvent.FactsLearnt(release.id(), release.facts())), List.of());
    }

    private static Optional<Refusal> check(Release release) {
        if (release.version().isBlank()) {
            return malformed(release, "has no version");
        }
        if (release.argvPrefix().isEmpty()) {
            return malformed(release, "has no command that starts it");
        }
        if (release.files().isEmpty()) {
            return malformed(release, "names no file");
        }
        String program = release.argvPrefix().getFirst();
        if (release.files().stream().noneMatch(file -> file.path().equals(program))) {
            return malformed(
                    release,
                    "is started by '%s', which is not among its files, so that nobody could tell what it is"
                            .formatted(program));
        }
        for (ReleaseFile file : release.files()) {
            if (!file.path().startsWith("/")) {
                return malformed(release, "names file '%s', which is not an absolute path".formatted(file.path()));
            }
            if (!SHA256.matcher(file.sha256()).matches()) {
                return malformed(
                        release,
                        "gives '%s' as the hash of %s, which is not 64 lower-case hex digits"
                                .formatted(file.sha256(), file.path()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Refusal> malformed(Release release, String what) {
        return Optional.of(
                Refusal.of("RELEASE_INVALID", "Release %s %s.".formatted(release.id(), what), "correct the manifest"));
    }
}
