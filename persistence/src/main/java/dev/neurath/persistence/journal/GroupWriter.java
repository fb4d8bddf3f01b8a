package dev.neurath.persistence.journal;

import dev.neurath.persistence.database.Backoff;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseRefusedException;
import dev.neurath.persistence.database.DatabaseUnavailableException;
import dev.neurath.persistence.database.SqlFailure;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of a node's journal: takes all that waits and commits it in one transaction.
 *
 * <p>An append is reported written only when its rows are committed, and each entity's appends are written in their order of
 * arrival: once one of an author's appends failed, the later ones of that author fail too. What one entity does wrong fails
 * alone. An unknown result (the connection was lost in the commit) is settled by looking for the rows: the same row, by writer
 * and content, means written; another row means a stale writer; no row means it is written again.
 *
 * <p>One thread, not several: two half batches cost more than one whole. Serialization, replay and deletion are left to
 * {@link NeurathJournal}.
 */
final class GroupWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    /** Authors remembered as failed. Theirs are the appends that were queued already; none arrives once the actor stopped. */
    private static final int REMEMBERED_FAILURES = 10_000;

    /** Each append has a deadline of its own, so the batch needs none. */
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final WriterSettings settings;
    private final String shownUrl;
    private final BatchCommit commit;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Append> queue = new ArrayDeque<>();
    private long queuedBytes;
    private boolean closed;

    private final Map<String, CompletableFuture<Void>> outstanding = new ConcurrentHashMap<>();
    private final Set<Append.Author> failedAuthors = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Append.Author, Boolean> eldest) {
            return size() > REMEMBERED_FAILURES;
        }
    });

    GroupWriter(Database database, WriterSettings settings) {
        this.settings = settings;
        this.shownUrl = database.settings().shownUrl();
        this.commit = new BatchCommit(database);
        this.thread =
                Thread.ofPlatform().name("neurath-journal-writer").daemon().start(this::writeUntilClosed);
    }

    /** Completes when the rows are durable, or fails with the reason why this author must write no more. */
    CompletableFuture<Void> append(List<EventRow> rows) {
        Append append = new Append(rows, System.nanoTime() + settings.patience().toNanos());
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException("This node is shutting down its journal"));
            }
            if (queue.size() >= settings.queueAppends() || queuedBytes + append.weight() > settings.queueBytes()) {
                return CompletableFuture.failedFuture(new JournalFullException(queue.size(), queuedBytes));
            }
            queue.add(append);
            queuedBytes += append.weight();
            outstanding.put(append.persistenceId(), append.written());
            changed.signal();
        } finally {
            lock.unlock();
        }
        return append.written();
    }

    /** Completes, always normally, when nothing of this entity is on its way to the database any more. */
    CompletableFuture<Void> settled(String persistenceId) {
        CompletableFuture<Void> last = outstanding.get(persistenceId);
        return last == null ? CompletableFuture.completedFuture(null) : last.handle((done, failure) -> null);
    }

    private void writeUntilClosed() {
        try {
            List<Append> batch = nextBatch();
            while (!batch.isEmpty()) {
                write(batch);
                batch = nextBatch();
            }
        } catch (InterruptedException e) {
            LOG.debug("The journal's writer was stopped while it waited for the database");
        } finally {
            failTheRest();
            commit.close();
        }
    }

    /** Empty only when closed. */
    private List<Append> nextBatch() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (queue.isEmpty()) {
                if (closed) {
                    return List.of();
                }
                changed.await();
            }
            List<Append> batch = new ArrayList<>();
            for (int rows = 0; !queue.isEmpty() && rows < settings.batchRows(); ) {
                Append append = queue.remove();
                rows += append.rows().size();
                batch.add(append);
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void write(List<Append> batch) throws InterruptedException {
        List<Append> open = new ArrayList<>(batch);
        Backoff backoff = new Backoff(FOREVER);
        boolean settleFirst = false;
        try {
            while (true) {
                dropFollowersOfFailures(open);
                if (open.isEmpty()) {
                    return;
                }
                SQLException failure;
                try {
                    report(commit.attempt(open, settleFirst), open);
                    return;
                } catch (SQLException e) {
                    failure = e;
                }
                settleFirst = true;
                SqlFailure kind = SqlFailure.of(failure);
                if (kind == SqlFailure.CONFLICT || kind == SqlFailure.REFUSED) {
                    // Neither the settling nor the writing one by one got around it: it concerns the whole database.
                    failAll(
                            open,
                            new DatabaseRefusedException(
                                    "The database refuses events: " + failure.getMessage(), failure));
                    return;
                }
                LOG.warn("The journal waits for {}: {}", shownUrl, failure.getMessage());
                failExpired(open, failure);
                if (!open.isEmpty()) {
                    backoff.await();
                }
            }
        } catch (DatabaseRefusedException e) {
            failAll(open, e);
        } catch (RuntimeException e) {
            LOG.error("The journal's writer met a defect of its own; {} appends fail", open.size(), e);
            failAll(open, e);
        } finally {
            // Only an interruption leaves some: the node is going down and will not learn their result.
            failAll(open, new IllegalStateException("This node shut down before the result was known"));
        }
    }

    private void dropFollowersOfFailures(List<Append> open) {
        for (Append append : List.copyOf(open)) {
            if (failedAuthors.contains(append.author())) {
                fail(append, StaleWriterException.after(append.author()));
                open.remove(append);
            }
        }
    }

    private void report(Map<Append, RuntimeException> failed, List<Append> open) {
        for (Append append : open) {
            RuntimeException failure = failed.get(append);
            if (failure == null) {
                finish(append, null);
            } else {
                fail(append, failure);
            }
        }
        open.clear();
    }

    /** In the batch and behind it: the next batch would only find out the same way, after one more attempt. */
    private void failExpired(List<Append> open, SQLException last) {
        long now = System.nanoTime();
        List<Append> expired = new ArrayList<>(open);
        expired.removeIf(append -> !append.expired(now));
        open.removeAll(expired);
        lock.lock();
        try {
            while (!queue.isEmpty() && queue.element().expired(now)) {
                expired.add(queue.remove());
            }
        } finally {
            lock.unlock();
        }
        for (Append append : expired) {
            String attempting =
                    "writing event " + append.rows().getFirst().sequenceNr() + " of " + append.persistenceId();
            fail(append, new DatabaseUnavailableException(attempting, shownUrl, settings.patience(), last));
        }
    }

    private void failAll(List<Append> open, RuntimeException failure) {
        for (Append append : open) {
            fail(append, failure);
        }
        open.clear();
    }

    private void fail(Append append, RuntimeException failure) {
        failedAuthors.add(append.author());
        finish(append, failure);
    }

    private void finish(Append append, @Nullable RuntimeException failure) {
        lock.lock();
        try {
            queuedBytes -= append.weight();
        } finally {
            lock.unlock();
        }
        outstanding.remove(append.persistenceId(), append.written());
        if (failure == null) {
            append.written().complete(null);
        } else {
            append.written().completeExceptionally(failure);
        }
    }

    private void failTheRest() {
        List<Append> rest;
        lock.lock();
        try {
            closed = true;
            rest = new ArrayList<>(queue);
            queue.clear();
        } finally {
            lock.unlock();
        }
        failAll(rest, new IllegalStateException("This node shut down before the append was tried"));
    }

    /** Writes what waits, unless the database is away; returns when the writer's thread has ended. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        try {
            // Longer than any batch takes on a database that serves; one that is away must not hold up a shutdown.
            if (!thread.join(Duration.ofSeconds(3))) {
                thread.interrupt();
                thread.join(Duration.ofSeconds(3));
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
