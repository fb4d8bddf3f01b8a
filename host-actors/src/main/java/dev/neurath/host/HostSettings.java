package dev.neurath.host;

import com.typesafe.config.Config;
import java.time.Duration;

/** Section {@code neurath.host} of the configuration; reference.conf says what each value means and where it came from. */
public record HostSettings(
        Duration sessionSilence,
        Duration repeatInterval,
        Duration idleAfter,
        Duration restartBackoff,
        Duration restartBackoffMax,
        int snapshotEvery,
        Duration askTimeout) {

    /** @param config the whole configuration */
    public static HostSettings of(Config config) {
        Config host = config.getConfig("neurath.host");
        return new HostSettings(
                host.getDuration("session-silence"),
                host.getDuration("repeat-interval"),
                host.getDuration("idle-after"),
                host.getDuration("restart-backoff"),
                host.getDuration("restart-backoff-max"),
                host.getInt("snapshot-every"),
                host.getDuration("ask-timeout"));
    }
}
