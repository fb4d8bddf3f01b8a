package dev.neurath.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.cli.Captured;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.FakeCoordinator;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Tls;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class CaCommandsTest {
    private static final String HASH = "0".repeat(64);

    @TempDir
    private Path directory;

    private String ca = "";

    @BeforeEach
    void found() {
        ca = directory.resolve("ca").toString();
        assertThat(Captured.run("ca", "init", "--dir", ca, "--fleet", "eu-1").exitCode())
                .isEqualTo(ExitCode.OK);
    }

    private Path issue(String role, String name) {
        Path out = directory.resolve(name);
        Captured issued =
                Captured.run("ca", "issue", "--dir", ca, "--role", role, "--name", name, "--out", out.toString());
        assertThat(issued.exitCode()).as(issued.err()).isEqualTo(ExitCode.OK);
        assertThat(issued.out()).contains("neurath://eu-1/" + role + "/" + name);
        return out;
    }

    @Test
    void what_it_issues_is_what_tls_takes() throws Exception {
        assertThat(Credentials.read(issue("operate", "otto")).self().uri()).isEqualTo("neurath://eu-1/operate/otto");
        assertThat(Captured.run("ca", "list", "--dir", ca).out()).contains("neurath://eu-1/operate/otto");
    }

    @Test
    void a_role_that_is_none_is_answered_with_those_that_are() {
        Captured said = Captured.run("ca", "issue", "--dir", ca, "--role", "boss", "--name", "x", "--out", "y");
        assertThat(said.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(said.err()).contains("--role").contains("operate");
    }

    @ParameterizedTest
    @CsvSource({"--name, a b", "--host, 10.0.0.0/8"})
    void a_value_that_no_certificate_can_have_is_answered_with_its_option(String option, String value) {
        var words = new ArrayList<>(List.of("ca", "issue", "--dir", ca, "--role", "view", "--out", ca + "-out"));
        words.addAll(List.of(option, value));
        if (!option.equals("--name")) {
            words.addAll(List.of("--name", "ann"));
        }
        Captured said = Captured.run(words.toArray(String[]::new));
        assertThat(said.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(said.err()).contains(option + ": ").contains("'" + value + "'");
    }

    @Test
    void a_rotation_has_two_steps_in_their_order() {
        assertThat(Captured.run("ca", "rotate", "--dir", ca, "--drop-old").exitCode())
                .isEqualTo(ExitCode.ERROR);
        assertThat(Captured.run("ca", "rotate", "--dir", ca).exitCode()).isEqualTo(ExitCode.OK);
        assertThat(Captured.run("ca", "rotate", "--dir", ca).err()).contains("--drop-old");
        assertThat(Captured.run("ca", "rotate", "--dir", ca, "--drop-old").exitCode())
                .isEqualTo(ExitCode.OK);
    }

    @Test
    void the_key_that_signs_releases_is_replaced_in_two_steps_and_signs_nothing_by_itself() throws IOException {
        Path manifest = Files.writeString(
                directory.resolve("release"),
                "{id: q, version: '1', argvPrefix: [/q], files: [ { path: /q, sha256: %s } ]}".formatted(HASH));
        String[] sign = {"release", "sign", "-f", manifest.toString(), "--key", ca + "/release.key"};
        assertThat(Captured.run(sign).exitCode()).isEqualTo(ExitCode.OK);
        String signed = Files.readString(manifest);

        Captured early = Captured.run("ca", "rotate-release-key", "--dir", ca, "--drop-old");
        assertThat(early.exitCode()).isEqualTo(ExitCode.ERROR);
        Captured rotated = Captured.run("ca", "rotate-release-key", "--dir", ca);
        assertThat(rotated.exitCode()).as(rotated.err()).isEqualTo(ExitCode.OK);
        assertThat(rotated.err()).contains("release.pem").contains("before anything is signed");
        assertThat(Captured.run("ca", "rotate-release-key", "--dir", ca).err())
                .contains("under way")
                .contains("neurath ca rotate-release-key --dir " + ca + " --drop-old");
        assertThat(Files.readString(manifest)).isEqualTo(signed);
        assertThat(Captured.run(sign).exitCode()).isEqualTo(ExitCode.OK);
        assertThat(Files.readString(manifest)).isNotEqualTo(signed);
        assertThat(Captured.run("ca", "rotate-release-key", "--dir", ca, "--drop-old")
                        .exitCode())
                .isEqualTo(ExitCode.OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id: q\nversion: 11.10\nargvPrefix: [/q]\nfiles: [ { path: /q, sha256: %s } ]\n",
                "{\"id\": \"q\", \"version\": \"11.10\", \"argvPrefix\": [\"/q\"], \"files\": [{\"path\": \"/q\", \"sha256\": \"%s\"}]}"
            })
    void a_manifest_is_signed_where_it_lies(String text) throws IOException {
        Path manifest = Files.writeString(directory.resolve("release"), text.formatted(HASH));
        Captured signed = Captured.run("release", "sign", "-f", manifest.toString(), "--key", ca + "/release.key");
        assertThat(signed.exitCode()).as(signed.err()).isEqualTo(ExitCode.OK);
        String written = Files.readString(manifest);
        assertThat(ReleaseManifest.parse("release", written).getSignature().size())
                .isEqualTo(64);
        assertThat(ReleaseManifest.parse("release", written).toBuilder()
                        .clearSignature()
                        .build())
                .isEqualTo(ReleaseManifest.parse("release", text.formatted(HASH)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "argvPrefix[1] | {id: q, version: 1, argvPrefix: [/q, null], files: []}",
                "environment.A | {id: q, version: 1, argvPrefix: [/q], environment: {A: null}, files: []}",
                "files[0] | {id: q, version: 1, argvPrefix: [/q], files: [null]}",
                "files[0].sha256 | {id: q, version: 1, argvPrefix: [/q], files: [{path: /q}]}",
            })
    void what_a_manifest_leaves_empty_is_named(String field, String text) throws IOException {
        Path manifest = Files.writeString(directory.resolve("release"), text);
        Captured said = Captured.run("release", "sign", "-f", manifest.toString(), "--key", ca + "/release.key");
        assertThat(said.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(said.err()).contains("field '" + field + "' is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "---\n"})
    void a_manifest_that_says_nothing_is_refused(String text) throws IOException {
        Path manifest = Files.writeString(directory.resolve("release"), text);
        Captured said = Captured.run("release", "sign", "-f", manifest.toString(), "--key", ca + "/release.key");
        assertThat(said.exitCode()).as(said.err()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void a_key_that_signs_nothing_is_named() throws IOException {
        Path manifest = Files.writeString(
                directory.resolve("release"),
                "{id: q, version: '1', argvPrefix: [/q], files: [ { path: /q, sha256: %s } ]}".formatted(HASH));
        Captured said = Captured.run("release", "sign", "-f", manifest.toString(), "--key", ca + "/ca-1.key");
        assertThat(said.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(said.err()).contains("ca-1.key").contains("release.key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vm list", "doctor"})
    void plaintext_stays_on_this_machine(String command) {
        var words = new ArrayList<>(List.of("--server", "192.0.2.1:7601"));
        words.addAll(List.of(command.split(" ")));
        Captured said = Captured.run(words.toArray(String[]::new));
        assertThat(said.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(said.err()).contains("192.0.2.1:7601").contains("--tls");
    }

    @Test
    void a_node_of_another_fleet_is_not_spoken_to() throws Exception {
        String other = directory.resolve("other-ca").toString();
        assertThat(Captured.run("ca", "init", "--dir", other, "--fleet", "us-1").exitCode())
                .isEqualTo(ExitCode.OK);
        Path node = directory.resolve("node");
        assertThat(Captured.run(
                                "ca",
                                "issue",
                                "--dir",
                                other,
                                "--role",
                                "node",
                                "--name",
                                "n1",
                                "--out",
                                node.toString())
                        .exitCode())
                .isEqualTo(ExitCode.OK);
        Captured said = asked(node, issue("view", "ann"));
        assertThat(said.exitCode()).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(said.err())
                .contains("CERTIFICATE_OF_ANOTHER_FLEET")
                .contains("us-1")
                .contains("eu-1");
    }

    @Test
    void whoever_speaks_the_other_language_is_told_so() throws Exception {
        Path node = issue("node", "n1");
        Captured plain = asked(node, null);
        assertThat(plain.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(plain.err()).contains("--tls");
        try (var coordinator = new FakeCoordinator()) {
            Captured tls = Captured.run(
                    "--server",
                    coordinator.address(),
                    "--tls",
                    issue("view", "ann").toString(),
                    "vm",
                    "list");
            assertThat(tls.exitCode()).isEqualTo(ExitCode.ERROR);
            assertThat(tls.err()).contains("--tls");
        }
    }

    /** By a node that has nothing to say. */
    private static Captured asked(Path node, @org.jspecify.annotations.Nullable Path own) throws Exception {
        Credentials credentials = Credentials.read(node);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(Tls.server(() -> credentials))
                .build()
                .start();
        try {
            String address = "127.0.0.1:" + server.getPort();
            return own == null
                    ? Captured.run("--server", address, "vm", "list")
                    : Captured.run("--server", address, "--tls", own.toString(), "vm", "list");
        } finally {
            server.shutdownNow();
        }
    }
}
