package dev.neurath.testbed.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.testbed.agent.FailureMode;
import dev.neurath.testbed.guest.BeatGuest;
import dev.neurath.testbed.qemu.QemuOffer;
import dev.neurath.testbed.qemu.QemuVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a demo chooses by itself. */
final class ChoicesTest {
    private static List<QemuOffer> offers(String... versions) {
        return Arrays.stream(versions)
                .map(version ->
                        new QemuOffer("suite-" + version, version, QemuVersion.parse(version), Optional.empty()))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"11.1.3,11.1.3", "11.1.2,11.1.3", "10.0.5,10.0.13", "11.2,12.0.1", "13,12.0.1"})
    void when_the_usual_version_is_gone_the_least_newer_one_is_taken_else_the_newest(String wish, String taken) {
        assertThat(QemuPair.nearest(QemuVersion.parse(wish), offers("12.0.1", "10.0.13", "11.1.3", "7.2")))
                .get()
                .extracting(offer -> offer.version().toString())
                .isEqualTo(taken);
    }

    @Test
    void without_any_offer_there_is_no_nearest() {
        assertThat(QemuPair.nearest(QemuVersion.parse("11.1.3"), List.of())).isEmpty();
    }

    @Test
    void machine_types_are_compared_as_numbers_and_aliases_are_left_out() {
        List<MachineTypes.Type> types = MachineTypes.parse("""
                Supported machines are:
                microvm              microvm (i386)
                pc-q35-9.2           Standard PC (Q35 + ICH9, 2009)
                q35                  Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-10.0)
                pc-q35-10.0          Standard PC (Q35 + ICH9, 2009)
                pc-i440fx-10.0       Standard PC (i440FX + PIIX, 1996) (default)
                """);
        assertThat(types).containsExactly(new MachineTypes.Type(9, 2), new MachineTypes.Type(10, 0));
        assertThat(types).isSorted();
    }

    @ParameterizedTest
    @CsvSource({"1,2", "5,2", "17,2", "64,2", "64,1", "5,64"})
    void the_beat_is_slower_the_more_guests_share_a_machine(int guests, int cores) {
        BeatGuest beat = Guests.beat(guests, cores, 128L << 20);
        assertThat(beat.hz()).isBetween(50, 1000);
        assertThat(beat.hz())
                .isGreaterThanOrEqualTo(
                        Guests.beat(guests + 1, cores, 128L << 20).hz());
        assertThat(beat.hz())
                .isLessThanOrEqualTo(Guests.beat(guests, cores + 1, 128L << 20).hz());
    }

    @ParameterizedTest
    @EnumSource(FailureMode.class)
    void a_way_to_fail_reads_as_it_is_written(FailureMode mode) {
        assertThat(FailureMode.parse(mode.word())).isEqualTo(mode);
    }
}
