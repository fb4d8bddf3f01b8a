package dev.neurath.coordinator.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.codec.BuildVersion;
import org.apache.pekko.util.Version;
import org.junit.jupiter.api.Test;

class ClusterVersionTest {
    /** Builds from before there was one count as 0.0.0. */
    @Test
    void this_build_is_newer_than_those_that_told_no_version() {
        assertThat(of(BuildVersion.text())).isGreaterThan(Version.Zero());
    }

    @Test
    void a_snapshot_is_as_new_as_its_release_and_older_than_the_next_one() {
        assertThat(of("0.1.0-SNAPSHOT")).isEqualByComparingTo(of("0.1.0"));
        assertThat(of("0.1.0")).isEqualByComparingTo(of("0.1.0+7"));
        assertThat(of("0.1.9-SNAPSHOT")).isLessThan(of("0.1.10-SNAPSHOT"));
        assertThat(of("0.9.0")).isLessThan(of("0.10.0"));
    }

    private static Version of(String build) {
        return Version.apply(Node.clusterVersion(build));
    }
}
