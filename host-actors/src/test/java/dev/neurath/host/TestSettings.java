package dev.neurath.host;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;

/** Times short enough for a test. */
final class TestSettings {
    static final Config CONFIG = PersistenceTestKitPlugin.getInstance()
            .config()
            .withFallback(PersistenceTestKitSnapshotPlugin.config())
            .withFallback(ConfigFactory.load());

    private TestSettings() {}

    static HostSettings host() {
        return new HostSettings(
                Duration.ofMinutes(5),
                Duration.ofMillis(50),
                Duration.ofMinutes(5),
                Duration.ofMillis(50),
                Duration.ofMillis(200),
                5,
                Duration.ofSeconds(5));
    }

    /** Heartbeats are frequent, and nobody is cut off for silence. */
    static LinkSettings link() {
        return link(Duration.ofMillis(50), Duration.ofMinutes(5), Duration.ofSeconds(1));
    }

    static LinkSettings quick() {
        return link(Duration.ofMillis(50), Duration.ofMillis(400), Duration.ofSeconds(1));
    }

    private static LinkSettings link(Duration heartbeat, Duration silence, Duration hello) {
        return new LinkSettings(
                heartbeat,
                silence,
                hello,
                100,
                Duration.ofSeconds(11),
                Duration.ofSeconds(12),
                Duration.ofSeconds(13),
                Duration.ofSeconds(14),
                Duration.ofSeconds(15));
    }
}
