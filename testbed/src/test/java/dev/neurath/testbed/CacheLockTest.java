package dev.neurath.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CacheLockTest {
    @Test
    void a_second_fetcher_is_told_to_wait_and_goes_on_when_the_first_is_done(@TempDir Path directory) throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        CacheLock first = CacheLock.of(directory, order::add);
        Thread second = Thread.ofVirtual().start(() -> {
            try (CacheLock lock = CacheLock.of(directory, line -> told.countDown())) {
                order.add("second holds: " + lock.isHeld());
                done.countDown();
            } catch (Exception e) {
                order.add(e.toString());
            }
        });

        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        order.add("first lets go");
        first.close();

        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        second.join();
        assertThat(order).containsExactly("first lets go", "second holds: true");
        assertThat(first.isHeld()).isFalse();
    }
}
