package dev.neurath.agent.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessLauncher;
import dev.neurath.agent.process.ProcessSignals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostLockTest {
    @TempDir
    Path directory;

    @Test
    void a_second_agent_is_kept_away_from_each_of_the_three_and_told_who_is_there() throws IOException {
        Path state = Files.createDirectory(directory.resolve("state"));
        Path door = Files.createDirectory(directory.resolve("qmp"));
        Path free = Files.createDirectory(directory.resolve("free"));
        String host = "h-" + UUID.randomUUID();
        int self = (int) ProcessHandle.current().pid();
        try (HostLock lock = HostLock.acquire("lab", host, state, door)) {
            assertThat(lock).isNotNull();
            refused(self, host, free, free);
            refused(self, host + "x", state, free);
            refused(self, host + "x", free, door);
            HostLock.acquire("lab", host + "x", free, free).close();
            HostLock.acquire("factory", host, free, free).close();
        }
        HostLock.acquire("lab", host, state, door).close();
    }

    @Test
    void a_process_started_meanwhile_does_not_keep_the_lock() throws IOException {
        String host = "h-" + UUID.randomUUID();
        ProcessIdentity child;
        try (HostLock lock = HostLock.acquire("lab", host, directory, directory)) {
            assertThat(lock).isNotNull();
            child = ProcessLauncher.start(new ProcessLauncher.Launch(
                    List.of("/bin/sleep", "60"),
                    Map.of(),
                    directory,
                    directory.resolve("out"),
                    List.of(),
                    new ControlGroup(List.of(), "not asked for"),
                    "tag"));
        }
        try (HostLock again = HostLock.acquire("lab", host, directory, directory)) {
            assertThat(again).isNotNull();
        } finally {
            ProcessSignals.kill(child, Duration.ofSeconds(20));
        }
    }

    private static void refused(int holder, String host, Path state, Path door) {
        HostLock.Held held =
                catchThrowableOfType(HostLock.Held.class, () -> HostLock.acquire("lab", host, state, door));
        assertThat(held.holder()).isEqualTo(holder);
        assertThat(held).hasMessageContaining(Integer.toString(holder));
    }
}
