package dev.neurath.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnershipTest {
    @TempDir
    Path place;

    @Test
    void a_socket_is_for_whom_its_owner_had_opened_the_one_before() throws IOException {
        Path old = socket("vm.qmp", "rw-rw----");
        Path fresh = socket(".vm.qmp.7", "rwxr-xr-x");
        copy(old, fresh);
        assertThat(mode(fresh)).isEqualTo("rw-rw----");
    }

    @Test
    void a_name_that_is_gone_changes_nothing() throws IOException {
        Path fresh = socket(".vm.qmp.7", "rwxr-xr-x");
        copy(place.resolve("vm.qmp"), fresh);
        assertThat(mode(fresh)).isEqualTo("rwxr-xr-x");
    }

    /** Whoever may write into the directory could put them there. */
    @Test
    void what_another_name_leads_to_is_not_changed() throws IOException {
        Path old = file("vm.pid", "rw-rw-rw-");
        Path precious = file("precious", "rw-------");
        copy(old, Files.createSymbolicLink(place.resolve("link"), precious));
        copy(old, Files.createLink(place.resolve("second-name"), precious));
        copy(socket("vm.qmp", "rwxrwxrwx"), precious);
        assertThat(mode(precious)).isEqualTo("rw-------");
    }

    @Test
    void no_file_becomes_one_that_gives_its_user_away() throws IOException {
        Path old = file("vm.pid", "rwxr-xr-x");
        Files.setAttribute(old, "unix:mode", 04755);
        Path fresh = file(".vm.pid.7", "rw-------");
        copy(old, fresh);
        assertThat((int) Files.getAttribute(fresh, "unix:mode") & 07777).isEqualTo(0755);
    }

    @Test
    void what_another_user_owns_was_not_made_by_that_qemu() throws IOException {
        Path old = file("vm.pid", "rw-rw-rw-");
        Path fresh = file(".vm.pid.7", "rw-------");
        Ownership.copy(old, fresh, Ownership.ours() + 1);
        assertThat(mode(fresh)).isEqualTo("rw-------");
    }

    private static void copy(Path from, Path to) throws IOException {
        Ownership.copy(from, to, Ownership.ours());
    }

    private Path file(String name, String mode) throws IOException {
        Path file = Files.writeString(place.resolve(name), "1");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    /** It stays when nobody listens any more. */
    private Path socket(String name, String mode) throws IOException {
        Path path = place.resolve(name);
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
        }
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
