package dev.neurath.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AgentDirectoriesTest {
    @TempDir
    private Path place;

    @Test
    void nobody_passes_until_a_QEMU_of_another_user_has_to() throws Exception {
        Path run = place.resolve("n/r");
        AgentDirectories directories = create();
        assertThat(mode(run)).isEqualTo("rwx------");
        assertThat(mode(place.resolve("n"))).as("it is everybody's").endsWith("r-x");
        assertThat(mode(directories.users())).isEqualTo("rwx------");

        int self = (int) Files.getAttribute(place, "unix:uid");
        Path ofUser = directories.openTo(self);
        assertThat(mode(run)).isEqualTo("rwx--x--x");
        assertThat(mode(directories.users())).isEqualTo("rwx--x--x");
        assertThat(mode(ofUser)).isEqualTo("rwx------");
        assertThat(mode(directories.run())).isEqualTo("rwx------");
        assertThat(mode(directories.doors())).isEqualTo("rwx------");

        // As a unit's start leaves it.
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
        create();
        assertThat(mode(run)).isEqualTo("rwx--x--x");
    }

    private AgentDirectories create() throws IOException {
        return AgentDirectories.create(place.resolve("s"), place.resolve("n/r"), place.resolve("m"), "h1");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
