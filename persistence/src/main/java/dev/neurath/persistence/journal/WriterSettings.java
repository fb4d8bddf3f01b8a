package dev.neurath.persistence.journal;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * Limits of the journal's writer.
 *
 * @param batchRows rows in one transaction, roughly: an append is never split
 * @param queueAppends and {@code queueBytes}: what may wait in memory; beyond it appends fail at once
 * @param patience from arrival to failure while the database is away
 */
record WriterSettings(int batchRows, int queueAppends, long queueBytes, Duration patience) {

    static WriterSettings from(Config journal) {
        return new WriterSettings(
                journal.getInt("writer.batch-rows"),
                journal.getInt("writer.queue-appends"),
                journal.getBytes("writer.queue-bytes"),
                journal.getDuration("writer.patience"));
    }
}
