package dev.neurath.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class MailboxTest {
    private final Mailbox mailbox = new Mailbox("vm-a");

    @Test
    void work_that_lasts_holds_no_thread_that_other_guests_share() throws Exception {
        var virtual = new CompletableFuture<Boolean>();
        mailbox.call(() -> virtual.complete(Thread.currentThread().isVirtual()));
        assertThat(virtual).isCompletedWithValue(false);
    }

    @Test
    void what_is_posted_is_done_in_its_order_and_one_failure_ends_nothing_else() throws Exception {
        List<String> done = new CopyOnWriteArrayList<>();
        mailbox.post(() -> done.add("first"));
        mailbox.post(() -> {
            throw new IllegalStateException("second");
        });
        mailbox.post(() -> done.add("third"));
        mailbox.call(() -> done.add("fourth"));
        assertThat(done).containsExactly("first", "third", "fourth");
        assertThatThrownBy(() -> mailbox.call(() -> {
                    throw new IOException("fifth");
                }))
                .hasMessage("fifth");
    }

    @Test
    void what_is_posted_for_later_is_done_on_the_mailbox_too() throws Exception {
        var name = new CompletableFuture<String>();
        mailbox.postAfter(
                Duration.ofMillis(1), () -> name.complete(Thread.currentThread().getName()));
        assertThat(name.get(30, TimeUnit.SECONDS)).isEqualTo("vm-a");
    }
}
