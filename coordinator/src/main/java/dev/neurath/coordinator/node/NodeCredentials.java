package dev.neurath.coordinator.node;

import dev.neurath.identity.BadCredentials;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.CredentialsDirectory;
import dev.neurath.identity.Role;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's own credentials: of this fleet and of role node, or it does not start. */
final class NodeCredentials {
    private static final Logger LOG = LoggerFactory.getLogger(NodeCredentials.class);

    private NodeCredentials() {}

    /** @return empty for plaintext */
    static Optional<CredentialsDirectory> of(NodeSettings settings) {
        Path directory = settings.tls();
        if (directory == null) {
            return Optional.empty();
        }
        CredentialsDirectory credentials = open(directory);
        Credentials own = credentials.get();
        if (own.self().role() != Role.NODE) {
            throw StartFailure.usage("--tls %s is for %s, and a node needs role node: neurath ca issue --role node"
                    .formatted(directory, own.self()));
        }
        if (!own.fleet().equals(settings.fleet())) {
            throw StartFailure.usage(
                    "--tls %s is for fleet %s, and this node was started for fleet %s: give --fleet %s, or another --tls"
                            .formatted(directory, own.fleet(), settings.fleet(), own.fleet()));
        }
        if (own.releaseKeys().isEmpty()) {
            throw StartFailure.usage(
                    "--tls %s holds no release.pem, so that no release could be registered: copy it from the CA's directory"
                            .formatted(directory));
        }
        return Optional.of(credentials);
    }

    static CredentialsDirectory open(Path directory) {
        try {
            return CredentialsDirectory.open(directory, LOG::info);
        } catch (BadCredentials e) {
            throw StartFailure.usage("--tls: " + e.getMessage());
        }
    }
}
