package dev.neurath.model.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LinkVersionsTest {
    @Test
    void the_newest_version_that_both_speak_is_kept_to_whoever_is_newer() {
        var older = new LinkVersions(1, 2);
        var newer = new LinkVersions(2, 4);
        assertThat(older.newestInCommon(newer)).hasValue(2);
        assertThat(newer.newestInCommon(older)).hasValue(2);
        assertThat(newer.newestInCommon(newer)).hasValue(4);
        assertThat(newer.newestInCommon(new LinkVersions(1, 9))).hasValue(4);
    }

    @Test
    void who_has_no_version_in_common_must_not_talk() {
        assertThat(new LinkVersions(1, 1).newestInCommon(new LinkVersions(2, 3)))
                .isEqualTo(OptionalInt.empty());
        assertThat(new LinkVersions(3, 3).newestInCommon(new LinkVersions(1, 2)))
                .isEqualTo(OptionalInt.empty());
    }

    @Test
    void who_names_one_version_speaks_that_one_only() {
        assertThat(LinkVersions.said(0, 3)).isEqualTo(new LinkVersions(3, 3)).hasToString("version 3");
        assertThat(LinkVersions.said(2, 3)).hasToString("versions 2 to 3");
        assertThat(LinkVersions.said(2, 3).contains(1)).isFalse();
    }

    @Test
    void what_is_no_range_is_refused() {
        assertThatThrownBy(() -> LinkVersions.said(0, 0)).hasMessageContaining("no range");
        assertThatThrownBy(() -> LinkVersions.said(3, 2)).hasMessageContaining("3 to 2");
        assertThatThrownBy(() -> LinkVersions.said(-1, 2)).hasMessageContaining("no range");
    }
}
