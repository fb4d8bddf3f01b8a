package dev.neurath.persistence.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseRefusedException;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.database.DatabaseUnavailableException;
import dev.neurath.persistence.testing.CuttingProxy;
import dev.neurath.persistence.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class GroupWriterTest {
    private final String url = TestDatabase.emptyUrl();
    private final Database direct = Database.open(DatabaseSettings.of(url));
    private final CuttingProxy network = new CuttingProxy(TestDatabase.port());
    private final Database proxied =
            Database.open(DatabaseSettings.of(url.replace(":" + TestDatabase.port(), ":" + network.port())));
    private final List<GroupWriter> writers = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        writers.forEach(GroupWriter::close);
        network.close();
        proxied.close();
        direct.close();
    }

    @Test
    void a_stale_second_writer_fails_alone_and_harms_nobody_elses_batch() throws Exception {
        GroupWriter here = writer(direct);
        await(here.append(List.of(row("vm|1", 1, "old"))));
        GroupWriter there = writer(direct);
        await(there.append(List.of(row("vm|1", 2, "new"))));

        List<CompletableFuture<Void>> others = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            others.add(here.append(List.of(row("other|" + i, 1, "w" + i))));
        }
        CompletableFuture<Void> stale = here.append(List.of(row("vm|1", 2, "old")));
        CompletableFuture<Void> follower = here.append(List.of(row("vm|1", 3, "old")));
        for (int i = 50; i < 100; i++) {
            others.add(here.append(List.of(row("other|" + i, 1, "w" + i))));
        }

        assertThatThrownBy(() -> await(stale)).hasCauseInstanceOf(StaleWriterException.class);
        assertThatThrownBy(() -> await(follower)).hasCauseInstanceOf(StaleWriterException.class);
        for (CompletableFuture<Void> other : others) {
            await(other);
        }
        assertThat(count("true")).isEqualTo(102);
        assertThat(count("persistence_id = 'vm|1' and writer = 'old'")).isEqualTo(1);
    }

    @Test
    void several_rows_of_one_append_are_written_all_or_none() throws Exception {
        GroupWriter writer = writer(direct);
        await(writer.append(List.of(row("vm|1", 2, "new"))));
        CompletableFuture<Void> overlapping =
                writer.append(List.of(row("vm|1", 1, "old"), row("vm|1", 2, "old"), row("vm|1", 3, "old")));
        assertThatThrownBy(() -> await(overlapping)).hasCauseInstanceOf(StaleWriterException.class);
        assertThat(count("true")).isEqualTo(1);
    }

    @Test
    void data_that_the_database_refuses_fails_alone() throws Exception {
        GroupWriter writer = writer(direct);
        CompletableFuture<Void> before = writer.append(List.of(row("vm|1", 1, "a")));
        CompletableFuture<Void> bad = writer.append(List.of(row("vm|\u0000", 1, "b")));
        CompletableFuture<Void> after = writer.append(List.of(row("vm|2", 1, "c")));
        await(before);
        await(after);
        assertThatThrownBy(() -> await(bad)).hasCauseInstanceOf(DatabaseRefusedException.class);
        assertThat(count("true")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void an_append_whose_commit_was_cut_off_is_there_exactly_once(CuttingProxy.Cut cut) throws Exception {
        assertThat(proxied.reachable()).isTrue();
        CompletableFuture<String> cutOff = new CompletableFuture<>();
        network.cutAt("COMMIT", cut, () -> cutOff.complete("yes"));
        GroupWriter writer = writer(proxied);
        await(writer.append(List.of(row("vm|1", 1, "a"), row("vm|1", 2, "a"))));
        assertThat(cutOff).isCompletedWithValue("yes");
        assertThat(count("true")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void a_single_row_that_was_cut_off_is_there_exactly_once(CuttingProxy.Cut cut) throws Exception {
        GroupWriter writer = writer(proxied);
        await(writer.append(List.of(row("vm|0", 1, "a"))));
        CompletableFuture<String> cutOff = new CompletableFuture<>();
        network.cutAt("vm|1", cut, () -> cutOff.complete("yes"));
        await(writer.append(List.of(row("vm|1", 1, "a"))));
        assertThat(cutOff).isCompletedWithValue("yes");
        assertThat(count("true")).isEqualTo(2);
    }

    @Test
    void an_append_that_was_cut_off_and_overtaken_by_another_writer_fails() throws Exception {
        assertThat(proxied.reachable()).isTrue();
        GroupWriter rival = writer(direct);
        network.cutAt(
                "COMMIT",
                CuttingProxy.Cut.BEFORE_THE_SERVER_HAS_IT,
                () -> rival.append(List.of(row("vm|1", 1, "rival"))).join());
        GroupWriter writer = writer(proxied);
        CompletableFuture<Void> overtaken = writer.append(List.of(row("vm|1", 1, "late")));
        assertThatThrownBy(() -> await(overtaken)).hasCauseInstanceOf(StaleWriterException.class);
        assertThat(count("writer = 'rival'")).isEqualTo(1);
    }

    @Test
    void appends_wait_for_a_database_that_comes_back() throws Exception {
        GroupWriter writer = writer(proxied);
        await(writer.append(List.of(row("vm|1", 1, "a"))));
        network.goDown();
        CompletableFuture<Void> waiting = writer.append(List.of(row("vm|1", 2, "a")));
        CompletableFuture<Void> next = writer.append(List.of(row("vm|1", 3, "a")));
        assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
        network.comeBack();
        await(waiting);
        await(next);
        assertThat(count("true")).isEqualTo(3);
    }

    @Test
    void appends_fail_with_the_reason_when_the_database_stays_away_and_service_resumes_when_it_is_back()
            throws Exception {
        GroupWriter writer = writer(proxied, new WriterSettings(100, 100, 1 << 20, Duration.ofMillis(400)));
        await(writer.append(List.of(row("vm|1", 1, "a"))));
        network.goDown();
        CompletableFuture<Void> first = writer.append(List.of(row("vm|1", 2, "a")));
        CompletableFuture<Void> second = writer.append(List.of(row("vm|2", 1, "b")));
        assertThatThrownBy(() -> await(first))
                .hasCauseInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("writing event 2 of vm|1");
        assertThatThrownBy(() -> await(second)).hasCauseInstanceOf(DatabaseUnavailableException.class);
        network.comeBack();
        await(writer.append(List.of(row("vm|1", 2, "restarted"))));
        assertThat(count("true")).isEqualTo(2);
    }

    @Test
    void a_full_queue_refuses_at_once_and_writes_the_rest_later() throws Exception {
        GroupWriter writer = writer(proxied, new WriterSettings(1, 3, 1 << 20, Duration.ofSeconds(20)));
        network.goDown();
        List<CompletableFuture<Void>> taken = new ArrayList<>();
        CompletableFuture<Void> refused = new CompletableFuture<>();
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Void> append = writer.append(List.of(row("vm|" + i, 1, "a")));
            if (append.isCompletedExceptionally()) {
                refused = append;
            } else {
                taken.add(append);
            }
        }
        CompletableFuture<Void> last = refused;
        assertThatThrownBy(() -> await(last)).hasCauseInstanceOf(JournalFullException.class);
        network.comeBack();
        for (CompletableFuture<Void> append : taken) {
            await(append);
        }
        assertThat(count("true")).isEqualTo(taken.size());
    }

    @Test
    void closing_writes_what_waits() throws Exception {
        GroupWriter writer = writer(direct);
        List<CompletableFuture<Void>> appends = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            appends.add(writer.append(List.of(row("vm|" + i, 1, "a"))));
        }
        writer.close();
        assertThat(appends).allMatch(append -> append.isDone() && !append.isCompletedExceptionally());
        assertThat(count("true")).isEqualTo(500);
        assertThat(writer.append(List.of(row("vm|late", 1, "a")))).isCompletedExceptionally();
    }

    private GroupWriter writer(Database database) {
        return writer(database, new WriterSettings(1000, 10_000, 1 << 24, Duration.ofSeconds(20)));
    }

    private GroupWriter writer(Database database, WriterSettings settings) {
        GroupWriter writer = new GroupWriter(database, settings);
        writers.add(writer);
        return writer;
    }

    private long count(String condition) {
        return direct.run("counting", connection -> {
            try (ResultSet row = connection
                    .createStatement()
                    .executeQuery("select count(*) from neurath.event where " + condition)) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    static EventRow row(String id, long sequenceNr, String writer) {
        byte[] content = (id + "/" + sequenceNr).getBytes(StandardCharsets.UTF_8);
        return new EventRow(id, sequenceNr, writer, 0, "", new Payload(1, "text", content), null);
    }

    private static void await(CompletableFuture<Void> append) throws Exception {
        append.get(30, TimeUnit.SECONDS);
    }
}
