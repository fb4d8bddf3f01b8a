package dev.neurath.testbed.demo;

import dev.neurath.ca.CaFailure;
import dev.neurath.ca.CertificateAuthority;
import dev.neurath.codec.ReleaseCodec;
import dev.neurath.identity.BadCredentials;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Role;
import dev.neurath.model.FleetId;
import dev.neurath.proto.v1.Release;
import dev.neurath.testbed.demo.RunDirectories.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A CA of the demo's own, in its directory, and the certificates of its programs; it goes with the demo. */
record Members(Run run, CertificateAuthority ca) {
    /** A demo may be kept for a while. */
    private static final Duration LIFE = Duration.ofDays(30);

    static Members found(Run run) throws IOException {
        try {
            return new Members(
                    run, CertificateAuthority.init(run.state("ca"), new FleetId("demo-" + run.id()), Instant.now()));
        } catch (CaFailure e) {
            throw new DemoFailure("the demo's CA cannot be made: " + e.getMessage());
        }
    }

    Path node() throws IOException {
        return issued(Role.NODE, "coordinator");
    }

    Path agent(String host) throws IOException {
        return issued(Role.AGENT, host);
    }

    /** Of whoever runs the demo. */
    Credentials admin() throws IOException {
        try {
            return Credentials.read(issued(Role.ADMIN, "demo"));
        } catch (BadCredentials e) {
            throw new DemoFailure(String.valueOf(e.getMessage()));
        }
    }

    Release signed(Release release) {
        try {
            return ReleaseCodec.encode(ca.sign(ReleaseCodec.decode(release)));
        } catch (CaFailure e) {
            throw new DemoFailure("release " + release.getId() + " cannot be signed: " + e.getMessage());
        }
    }

    static Path ofAdmin(Run run) {
        return run.state("tls").resolve("demo");
    }

    private Path issued(Role role, String name) throws IOException {
        Path out = run.state("tls").resolve(name);
        try {
            ca.issue(role, name, List.of(), LIFE, out, Instant.now());
            return out;
        } catch (CaFailure e) {
            throw new DemoFailure("no certificate for " + name + ": " + e.getMessage());
        }
    }
}
