package dev.neurath.cli.command;

import dev.neurath.ca.CaFailure;
import dev.neurath.ca.ReleaseKey;
import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Table;
import dev.neurath.codec.ReleaseCodec;
import dev.neurath.proto.v1.ListReleasesRequest;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "release",
        description = "What may be executed: files with hashes, and how they are started.",
        synopsisSubcommandLabel = "COMMAND")
public final class ReleaseCommands extends Verb {
    @Command(
            description = "Make a release known. A release never changes: the same id with other contents is refused.",
            footer = {
                "%nThe manifest, YAML or JSON:",
                "  id: qemu-11.1.3",
                "  version: 11.1.3              # what the binary says of itself",
                "  argvPrefix: [/opt/qemu/bin/qemu-system-x86_64, -L, /opt/qemu/share]",
                "  environment: { QEMU_MODULE_DIR: /opt/qemu/lib }",
                "  files: [ { path: /opt/qemu/bin/qemu-system-x86_64, sha256: 9f86d0… } ]",
                "  signature: MEUCIQ…           # by neurath release sign; not needed on plaintext"
            })
    int register(
            @Option(
                            names = {"-f", "--file"},
                            required = true,
                            paramLabel = "FILE",
                            description = "The manifest; - is stdin.")
                    Path file) {
        Release release = ReleaseManifest.parse(file.toString(), read(file));
        RegisterReleaseRequest request =
                RegisterReleaseRequest.newBuilder().setRelease(release).build();
        boolean created = api().fleet(fleet -> fleet.registerRelease(request)).getCreated();
        printer()
                .one(
                        "Release",
                        release,
                        () -> List.of(dev.neurath.cli.output.StyledLine.of(
                                "Release " + release.getId() + (created ? " registered." : " was known already."))));
        return ExitCode.OK;
    }

    @Command(
            description =
                    "Sign a manifest with the fleet's release key: nodes register, and agents execute, signed releases only. Talks to nobody.")
    int sign(
            @Option(
                            names = {"-f", "--file"},
                            required = true,
                            paramLabel = "FILE",
                            description = "The manifest; - is stdin.")
                    Path file,
            @Option(
                            names = "--key",
                            required = true,
                            paramLabel = "FILE",
                            description = "release.key of the CA's directory.")
                    Path key,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description =
                                    "Where the signed manifest goes; - is stdout. Default: the file itself, whose comments are lost.")
                    @Nullable
                    Path out) {
        String text = read(file);
        Release release = ReleaseManifest.parse(file.toString(), text);
        String signature;
        try {
            signature = ReleaseKey.read(key).sign(ReleaseCodec.decode(release)).signature();
        } catch (CaFailure e) {
            throw CliFailure.of(ExitCode.USAGE, "--key: " + e.getMessage(), e.wayOut());
        } catch (IllegalArgumentException e) {
            throw CliFailure.of(ExitCode.USAGE, file + ": " + e.getMessage(), "neurath release register --help");
        }
        String signed = ReleaseManifest.signed(release, signature, text);
        Path target = out == null ? file : out;
        if (target.toString().equals("-")) {
            console().out().print(signed);
            return ExitCode.OK;
        }
        try {
            Files.writeString(target, signed);
        } catch (IOException e) {
            throw CliFailure.of(ExitCode.ERROR, target + " cannot be written: " + e.getMessage(), "--out FILE");
        }
        console().err().println("Release " + release.getId() + " is signed, in " + target + ".");
        return ExitCode.OK;
    }

    @Command(description = "All releases.")
    int list() {
        List<Release> releases = api().fleet(fleet -> fleet.listReleases(ListReleasesRequest.getDefaultInstance()))
                .getReleasesList();
        printer().list("Release", releases, () -> {
            Table table = new Table("RELEASE", "VERSION", "FILES", "STARTED AS");
            releases.forEach(release -> table.row(
                    release.getId(),
                    release.getVersion(),
                    String.valueOf(release.getFilesCount()),
                    String.join(" ", release.getArgvPrefixList())));
            return table.lines();
        });
        return ExitCode.OK;
    }
}
