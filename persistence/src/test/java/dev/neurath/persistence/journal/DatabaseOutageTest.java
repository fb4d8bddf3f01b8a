package dev.neurath.persistence.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.embedded.EmbeddedDatabase;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.persistence.feed.FeedRow;
import dev.neurath.persistence.feed.FeedTail;
import dev.neurath.persistence.testing.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class DatabaseOutageTest {
    private static final int ENTITIES = 8;

    @Test
    void a_server_killed_twice_in_mid_writing_loses_and_doubles_nothing(@TempDir Path state) throws Exception {
        try (EmbeddedDatabase server = EmbeddedDatabase.start(state, 0);
                Database database = Database.open(DatabaseSettings.of(server.jdbcUrl()));
                GroupWriter writer =
                        new GroupWriter(database, new WriterSettings(1000, 10_000, 1 << 24, Duration.ofSeconds(30)))) {
            AtomicLongArray acknowledged = new AtomicLongArray(ENTITIES);
            ConcurrentLinkedQueue<FeedRow> fed = new ConcurrentLinkedQueue<>();
            AtomicBoolean enough = new AtomicBoolean();
            try (FeedTail tail = FeedTail.start(database, FeedCursor.START, fed::addAll)) {
                List<Thread> entities = new ArrayList<>();
                for (int i = 0; i < ENTITIES; i++) {
                    int entity = i;
                    entities.add(Thread.ofVirtual().start(() -> {
                        for (long next = 1; !enough.get(); next++) {
                            writer.append(List.of(GroupWriterTest.row("vm|" + entity, next, "w" + entity)))
                                    .join();
                            acknowledged.set(entity, next);
                        }
                    }));
                }
                for (int kill = 0; kill < 2; kill++) {
                    moves(acknowledged);
                    ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
                    process.destroyForcibly();
                    process.onExit().get(20, TimeUnit.SECONDS);
                }
                moves(acknowledged);
                enough.set(true);
                for (Thread entity : entities) {
                    entity.join();
                }
                long all = 0;
                for (int i = 0; i < ENTITIES; i++) {
                    all += acknowledged.get(i);
                }
                long expected = all;
                Await.until("the feed has all rows", () -> fed.size() >= expected);
                assertThat(tail.position())
                        .isEqualTo(fed.stream().toList().getLast().cursor());
            }
            for (int i = 0; i < ENTITIES; i++) {
                String id = "vm|" + i;
                List<Long> numbers = fed.stream()
                        .filter(row -> row.persistenceId().equals(id))
                        .map(FeedRow::sequenceNr)
                        .toList();
                assertThat(numbers)
                        .hasSize((int) acknowledged.get(i))
                        .isSorted()
                        .doesNotHaveDuplicates();
            }
        }
    }

    private static void moves(AtomicLongArray acknowledged) throws Exception {
        for (int i = 0; i < ENTITIES; i++) {
            int entity = i;
            long before = acknowledged.get(entity);
            Await.until("entity " + entity + " writes", () -> acknowledged.get(entity) >= before + 20);
        }
    }
}
