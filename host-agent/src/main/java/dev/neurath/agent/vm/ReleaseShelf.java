package dev.neurath.agent.vm;

import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.release.ReleaseFailure;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.agent.release.ReleaseVerifier;
import dev.neurath.codec.ReleaseCodec;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.ReleaseCatalog;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The releases that this agent may execute: those that the coordinator has registered, and nothing else. Before every start their signature is checked, which
 * no coordinator can make, and then their files.
 */
public final class ReleaseShelf {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseShelf.class);

    private final ReleaseVerifier verifier = new ReleaseVerifier();
    private final ReleaseTrust trust;
    private volatile Map<ReleaseId, Registered> releases = Map.of();

    /** As the coordinator says, and as it is executed. */
    private record Registered(dev.neurath.model.release.Release release, ReleaseManifest manifest) {}

    public ReleaseShelf(ReleaseTrust trust) {
        this.trust = trust;
    }

    /** Replaces what was known. */
    public void take(ReleaseCatalog catalog) {
        var fresh = new HashMap<ReleaseId, Registered>();
        for (Release release : catalog.getReleasesList()) {
            try {
                fresh.put(
                        new ReleaseId(release.getId()),
                        new Registered(ReleaseCodec.decode(release), manifest(release)));
            } catch (IllegalArgumentException e) {
                LOG.error("Release {} cannot be used here: {}", release.getId(), e.getMessage());
            }
        }
        releases = Map.copyOf(fresh);
    }

    /** To know of it, not to execute it. */
    public ReleaseManifest get(ReleaseId id) throws Refused {
        return registered(id).manifest();
    }

    private Registered registered(ReleaseId id) throws Refused {
        Registered release = releases.get(id);
        if (release == null) {
            throw new Refused(
                    "RELEASE_UNKNOWN", "Release %s is not registered, as far as this host knows.".formatted(id));
        }
        return release;
    }

    /** @throws Refused if nobody of the fleet's own signed it, or naming the first file that is not the registered one */
    public ReleaseManifest verified(ReleaseId id) throws Refused, IOException {
        Registered registered = registered(id);
        Optional<Refusal> refusal = trust.refusal(registered.release());
        if (refusal.isPresent()) {
            throw new Refused(
                    refusal.get().code(),
                    refusal.get().sentence() + " " + refusal.get().wayOut());
        }
        ReleaseManifest release = registered.manifest();
        try {
            verifier.verify(release);
        } catch (ReleaseFailure e) {
            throw new Refused("RELEASE_" + e.reason(), String.valueOf(e.getMessage()));
        }
        return release;
    }

    /** The release whose QEMU binary has this hash; of several the first by name. */
    Optional<ReleaseId> ofBinary(String sha256) {
        return releases.entrySet().stream()
                .filter(release -> binarySha256(release.getValue().manifest()).equals(sha256))
                .map(Map.Entry::getKey)
                .min(Comparator.comparing(ReleaseId::value));
    }

    /** Of the QEMU binary itself: the last file on the command line, behind a loader that may be called explicitly. */
    public static String binarySha256(ReleaseManifest release) {
        Map<String, String> hashes = new HashMap<>();
        release.files().forEach(file -> hashes.put(file.path(), file.sha256()));
        String found = "";
        for (String argument : release.argvPrefix()) {
            found = hashes.getOrDefault(argument, found);
        }
        return found;
    }

    private static ReleaseManifest manifest(Release release) {
        List<ReleaseManifest.File> files = release.getFilesList().stream()
                .map(file -> new ReleaseManifest.File(file.getPath(), file.getSha256()))
                .toList();
        return new ReleaseManifest(
                release.getId(), release.getVersion(), release.getArgvPrefixList(), release.getEnvironmentMap(), files);
    }
}
