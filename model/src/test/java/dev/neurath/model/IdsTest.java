package dev.neurath.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
    @ParameterizedTest
    @MethodSource
    void fits_everywhere(String id) {
        assertThat(new VmId(id).value()).isEqualTo(id);
    }

    static Stream<String> fits_everywhere() {
        return Stream.of("a", "Z", "0", "9", "web-1", "a.b_c-", "0..", "x".repeat(64));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".a", "_a", "-a", "a b", "a/b", "a\n", "\u00e9", "a\u0661", "a:", "a`", "a{", "a@", "a["})
    void does_not(String id) {
        assertThatThrownBy(() -> new VmId(id)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 1000})
    void is_too_long(int length) {
        assertThatThrownBy(() -> new VmId("x".repeat(length))).hasMessageContaining("1 to 64");
    }
}
