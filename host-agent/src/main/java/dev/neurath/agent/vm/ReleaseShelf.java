package dev.neurath.agent.vm;

import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.release.ReleaseFailure;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.agent.release.ReleaseVerifier;
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
 * The releases that this agent may execute: those that the coordinator has registered, and nothing else. Their files are checked before every start.
 */
public final class ReleaseShelf {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseShelf.class);

    private final ReleaseVerifier verifier = new ReleaseVerifier();
    private volatile Map<ReleaseId, ReleaseManifest> releases = Map.of();

    /** Replaces what was known. */
    public void take(ReleaseCatalog catalog) {
        var fresh = new HashMap<ReleaseId, ReleaseManifest>();
        for (Release release : catalog.getReleasesList()) {
            try {
                fresh.put(new ReleaseId(release.getId()), manifest(release));
            } catch (IllegalArgumentException e) {
                LOG.error("Release {} cannot be used here: {}", release.getId(), e.getMessage());
            }
        }
        releases = Map.copyOf(fresh);
    }

    public ReleaseManifest get(ReleaseId id) throws Refused {
        ReleaseManifest release = releases.get(id);
        if (release == null) {
            throw new Refused(
                    "RELEASE_UNKNOWN", "Release %s is not registered, as far as this host knows.".formatted(id));
        }
        return release;
    }

    /** @throws Refused naming the first file that is not the registered one */
    public ReleaseManifest verified(ReleaseId id) throws Refused, IOException {
        ReleaseManifest release = get(id);
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
                .filter(release -> binarySha256(release.getValue()).equals(sha256))
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
