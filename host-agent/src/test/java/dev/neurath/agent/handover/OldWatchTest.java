package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.handover.OldStatus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class OldWatchTest {
    @TempDir
    Path directory;

    private StandInQemu qemu;
    private QemuSide old;

    @BeforeEach
    void start() throws Exception {
        qemu = new StandInQemu(directory);
        old = qemu.side;
    }

    @AfterEach
    void end() throws Exception {
        qemu.close();
    }

    @Test
    void old_that_was_stopped_and_said_nothing_more_stood_to_its_end() throws Exception {
        var watch = new OldWatch(old);
        qemu.said("STOP");
        assertThat(watch.stoodToItsEnd()).as("it lives").isFalse();
        qemu.dies();
        assertThat(watch.stoodToItsEnd()).isTrue();
    }

    @Test
    void last_words_count_that_nobody_had_read_when_old_died() throws Exception {
        var watch = new OldWatch(old);
        qemu.said("STOP");
        qemu.says("RESUME");
        qemu.dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void a_stop_after_a_resume_is_not_the_stop_whose_state_was_sent() throws Exception {
        var watch = new OldWatch(old);
        qemu.said("STOP");
        qemu.said("RESUME");
        qemu.said("STOP");
        watch.looked(OldStatus.POST, watch.beforeLook());
        qemu.dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void old_that_was_never_seen_stopped_may_have_run() throws Exception {
        qemu.said("STOP");
        var watch = new OldWatch(old);
        qemu.dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void between_two_connections_anything_may_have_happened_unless_old_was_seen_stopped_again() throws Exception {
        var watch = new OldWatch(old);
        qemu.said("STOP");
        qemu.breaksTheConnectionAndIsAskedAgain();
        var again = new OldWatch(old);
        again.looked(OldStatus.POST, again.beforeLook());
        qemu.dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
        assertThat(again.stoodToItsEnd()).isTrue();
    }

    @Test
    void a_look_during_which_something_happened_proves_nothing() throws Exception {
        var watch = new OldWatch(old);
        OldWatch.Before before = watch.beforeLook();
        qemu.said("RESUME");
        watch.looked(OldStatus.POST, before);
        qemu.dies();
        assertThat(watch.stoodToItsEnd()).isFalse();
    }

    @Test
    void a_shutdown_before_an_attempt_is_not_this_ones() throws Exception {
        qemu.says("SHUTDOWN");
        qemu.said("STOP");
        var watch = new OldWatch(old);
        assertThat(watch.shutDown())
                .as("found open: all that was heard came after BEGIN")
                .isTrue();
        watch.attemptBegins();
        assertThat(watch.shutDown()).isFalse();
        qemu.says("SHUTDOWN");
        qemu.said("RESUME");
        assertThat(watch.shutDown()).isTrue();
    }

    @Test
    void past_the_stop_a_jobs_last_word_changes_nothing_and_a_reset_does() throws Exception {
        var watch = new OldWatch(old);
        qemu.said("STOP");
        for (String event : List.of("JOB_STATUS_CHANGE", "BLOCK_JOB_COMPLETED", "DEVICE_DELETED", "SUSPEND")) {
            qemu.says(event);
        }
        qemu.said("STOP");
        assertThat(watch.upset()).isFalse();
        qemu.says("RESET");
        qemu.said("STOP");
        assertThat(watch.upset()).isTrue();
    }

    @Test
    void before_the_stop_a_job_changes_the_guest() throws Exception {
        var watch = new OldWatch(old);
        qemu.says("JOB_STATUS_CHANGE");
        qemu.said("STOP");
        assertThat(watch.upset()).isTrue();
    }

    @Test
    void old_that_was_found_stopped_is_not_changed_by_a_job_either() throws Exception {
        var watch = new OldWatch(old);
        watch.looked(OldStatus.POST, watch.beforeLook());
        qemu.says("BLOCK_JOB_COMPLETED");
        qemu.said("STOP");
        assertThat(watch.upset()).isFalse();
    }

    @Test
    void what_an_earlier_attempt_stopped_and_resumed_on_this_connection_is_not_this_ones() throws Exception {
        qemu.said("STOP");
        qemu.said("RESUME");
        var watch = new OldWatch(old);
        assertThat(watch.stopped()).isFalse();
        assertThat(watch.resumed()).isFalse();
        qemu.said("STOP");
        assertThat(watch.stopped()).isTrue();
    }
}
