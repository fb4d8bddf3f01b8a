package dev.neurath.chaos.handover;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.proto.v1.Release;
import dev.neurath.testbed.qemu.QemuCatalog;
import dev.neurath.testbed.qemu.QemuInstall;
import dev.neurath.testbed.qemu.QemuRequest;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.util.function.Consumer;

/** Two real QEMUs as releases. */
public record Releases(Release from, Release to) {
    public static Releases fetch(String from, String to, Consumer<String> progress)
            throws IOException, InterruptedException, UnresolvedRequestException {
        return new Releases(release(from, progress), release(to, progress));
    }

    /** The newest machine type of the old QEMU, by its versioned name. */
    public String machine() {
        String[] version = from.getVersion().split("\\.", 3);
        return "pc-q35-" + version[0] + "." + version[1];
    }

    public static Release release(String request, Consumer<String> progress)
            throws IOException, InterruptedException, UnresolvedRequestException {
        QemuCatalog catalog = QemuCatalog.ofUser();
        QemuInstall install = catalog.fetch(QemuRequest.parse(request), progress);
        JsonNode manifest = catalog.releaseManifest(install);
        var release = Release.newBuilder()
                .setId(manifest.path("id").asText())
                .setVersion(manifest.path("version").asText());
        manifest.path("argvPrefix").forEach(argument -> release.addArgvPrefix(argument.asText()));
        manifest.path("environment")
                .properties()
                .forEach(e -> release.putEnvironment(e.getKey(), e.getValue().asText()));
        manifest.path("files")
                .forEach(file -> release.addFiles(Release.File.newBuilder()
                        .setPath(file.path("path").asText())
                        .setSha256(file.path("sha256").asText())));
        return release.build();
    }
}
