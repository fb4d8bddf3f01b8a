package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Table;
import dev.neurath.proto.v1.ListReleasesRequest;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Release;
import java.nio.file.Path;
import java.util.List;
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
                "  files: [ { path: /opt/qemu/bin/qemu-system-x86_64, sha256: 9f86d0… } ]"
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
