package dev.neurath.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void the_median_is_the_one_in_the_middle_or_between_the_two() {
        assertThat(Samples.of(9, 1, 4).median()).isEqualTo(4);
        assertThat(Samples.of(9, 1, 4, 5).median()).isEqualTo(4.5);
        assertThat(Samples.of(7).median()).isEqualTo(7);
    }

    @Test
    void a_percentile_is_a_value_that_was_measured() {
        var hundred = new Samples();
        for (int i = 100; i >= 1; i--) {
            hundred.add(i);
        }
        assertThat(hundred.percentile(50)).isEqualTo(50);
        assertThat(hundred.percentile(99)).isEqualTo(99);
        assertThat(hundred.max()).isEqualTo(100);
        assertThat(Samples.of(3).percentile(1)).isEqualTo(3);
        assertThatThrownBy(() -> hundred.percentile(0)).hasMessageContaining("not 0");
    }

    @Test
    void what_the_machine_did_to_both_of_a_pair_falls_out() {
        assertThat(Samples.of(11, 101, 3).medianAbove(Samples.of(10, 100, 2))).isEqualTo(1);
        assertThatThrownBy(() -> Samples.of(1).medianAbove(Samples.of(1, 2))).hasMessageContaining("no pairs");
    }

    @Test
    void nothing_measured_is_no_figure() {
        assertThatThrownBy(() -> new Samples().median()).hasMessage("nothing was measured");
        assertThatThrownBy(() -> Samples.of(Double.NaN)).hasMessageContaining("not a measured value");
    }
}
