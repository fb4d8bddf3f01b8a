package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neurath.agent.log.LogDirectory;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.log.LogRecord;
import dev.neurath.agent.log.LogRecord.Kind;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.Role;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Revision;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttemptLogTest {
    private static final Revision FROM = new Revision(new ReleaseId("qemu-10"), "10.0.2", "aa");
    private static final Revision TO = new Revision(new ReleaseId("qemu-11"), "11.1.3", "bb");
    private static final Attempt ATTEMPT = new Attempt(
            new Generation(7),
            new RolloutId("r1"),
            0,
            TO.release(),
            Method.SHARED_RAM,
            FROM.version(),
            Duration.ofMillis(300));

    @TempDir
    Path disk;

    private Path tmpfs;

    @BeforeEach
    void makeTmpfs() throws IOException {
        tmpfs = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
    }

    @AfterEach
    void removeTmpfs() throws IOException {
        try (Stream<Path> files = Files.walk(tmpfs)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void an_open_attempt_says_what_ran_and_what_will_run_without_any_release_catalog() throws IOException {
        Trial trial = new Trial(
                new VmId("vm1"),
                ATTEMPT,
                TO,
                AgentVm.newBuilder().setRevision(VmCodec.encode(FROM)).build(),
                AttemptPaths.ofTag(tmpfs, "vm1.7.x"));
        try (var log = LogDirectory.open(disk, Optional.of(tmpfs)).of("vm1")) {
            var attempts = new AttemptLog(log);
            attempts.begin(trial, Role.HAND_OVER, "boot");
            attempts.mark(Kind.SWITCH, ATTEMPT.generation(), 1);
            attempts.mark(Kind.COMMIT, ATTEMPT.generation(), 2);
        }
        try (var log = LogDirectory.open(disk, Optional.of(tmpfs)).of("vm1")) {
            assertThat(new AttemptLog(log).open())
                    .contains(new AttemptLog.Open(
                            ATTEMPT, FROM, TO, Role.HAND_OVER, "boot", "vm1.7.x", Mark.COMMIT, true));
        }
    }

    @Test
    void done_written_again_changes_nothing() throws IOException {
        var first = new Outcome.AsItWas(new Pause.None(), "LOG_SPACE", "first", false);
        try (var log = LogDirectory.open(disk, Optional.of(tmpfs)).of("vm1")) {
            var attempts = new AttemptLog(log);
            log.reserve();
            attempts.done(ATTEMPT.generation(), first);
            int records = log.records().size();
            attempts.done(ATTEMPT.generation(), new Outcome.AsItWas(new Pause.None(), "LOG_SPACE", "again", false));
            assertThat(log.records()).hasSize(records);
            assertThat(attempts.lastDone()).contains(new AttemptLog.Done(ATTEMPT.generation(), first));
        }
    }

    @Test
    void an_open_attempt_of_an_earlier_format_is_refused_and_says_who_can_end_it() throws IOException {
        try (var log = LogDirectory.open(disk, Optional.of(tmpfs)).of("vm1")) {
            log.reserve();
            log.append(new LogRecord(
                    Kind.BEGIN,
                    7,
                    Map.of(
                            "attempt",
                            java.util.Base64.getEncoder()
                                    .encodeToString(VmCodec.encode(ATTEMPT).toByteArray()))));
            var refusal = catchThrowableOfType(LogFailure.class, () -> new AttemptLog(log).open());
            assertThat(refusal.reason()).isEqualTo(LogFailure.Reason.UNREADABLE);
            assertThat(refusal).hasMessageContaining("generation 7").hasMessageContaining("earlier version");
        }
    }
}
