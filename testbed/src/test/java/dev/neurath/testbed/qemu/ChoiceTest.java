package dev.neurath.testbed.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.neurath.testbed.qemu.UnresolvedRequestException.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    // A mirror of some later day: what suites hold must not matter to any rule.
    private static final List<QemuOffer> OFFERS = List.of(
            offer("one", "1:7.2+dfsg-7+deb12u18+b3"),
            offer("one-backports", "1:10.0.2+ds-2~bpo12+1"),
            offer("two", "1:10.0.13+ds-0+deb13u1"),
            offer("two-backports", "1:11.2.0+ds-1~bpo13+1"),
            offer("three", "1:11.2.0+ds-1"));

    private static QemuOffer offer(String suite, String packageVersion) {
        QemuVersion version = QemuVersion.ofPackage(packageVersion).orElseThrow();
        return new QemuOffer(suite, packageVersion, version, Optional.empty());
    }

    private static Optional<String> suiteFor(String request) throws UnresolvedRequestException {
        return Choice.offered(QemuRequest.parse(request), OFFERS).map(QemuOffer::suite);
    }

    @Test
    void a_whole_version_is_found_in_its_suite() throws Exception {
        assertThat(suiteFor("10.0.2")).contains("one-backports");
        assertThat(suiteFor("10.0.13")).contains("two");
    }

    @Test
    void a_prefix_is_read_number_by_number() throws Exception {
        assertThat(suiteFor("7.2")).contains("one");
        assertThat(suiteFor("7")).contains("one");
        assertThat(suiteFor("10.0.1")).isEmpty();
        assertThat(suiteFor("1")).isEmpty();
    }

    @Test
    void the_same_version_in_two_suites_is_one_answer_and_the_first_wins() throws Exception {
        assertThat(suiteFor("11.2")).contains("two-backports");
    }

    @Test
    void a_prefix_of_two_versions_is_refused_with_both_named() {
        assertThatThrownBy(() -> suiteFor("10.0"))
                .asInstanceOf(type(UnresolvedRequestException.class))
                .satisfies(refusal -> {
                    assertThat(refusal.reason()).isEqualTo(Reason.AMBIGUOUS);
                    assertThat(refusal.found()).containsExactly("10.0.2 (one-backports)", "10.0.13 (two)");
                });
    }

    @Test
    void a_package_that_tells_less_than_was_asked_for_may_be_the_one() throws Exception {
        assertThat(suiteFor("7.2.22")).contains("one");
        assertThat(suiteFor("7.3.1")).isEmpty();
    }

    @Test
    void a_suite_is_asked_for_by_its_whole_name() throws Exception {
        assertThat(suiteFor("two")).contains("two");
        assertThat(suiteFor("tw")).isEmpty();
    }

    @Test
    void what_is_cached_answers_only_when_its_own_word_fits() throws Exception {
        QemuOffer cached = new QemuOffer(
                "one", "1:7.2+dfsg-7", QemuVersion.parse("7.2.22"), Optional.of(InstallRecordTest.install("7.2.22")));

        assertThat(Choice.cached(QemuRequest.parse("7.2.22"), List.of(cached))).contains(cached);
        assertThat(Choice.cached(QemuRequest.parse("7.2.21"), List.of(cached))).isEmpty();
        assertThat(Choice.cached(QemuRequest.parse("10.0.2"), OFFERS)).isEmpty();
    }

    @Test
    void the_binary_tells_its_version_and_the_package_only_its_front() {
        assertThat(QemuVersion.ofStatement("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright"))
                .contains(QemuVersion.parse("7.2.22"));
        assertThat(QemuVersion.ofStatement("command not found")).isEmpty();
        assertThat(QemuVersion.ofPackage("1:11.0.0~rc2+ds-1")).contains(QemuVersion.parse("11.0.0"));
    }

    @Test
    void versions_are_ordered_by_their_numbers() {
        assertThat(QemuVersion.parse("10.0.13")).isGreaterThan(QemuVersion.parse("10.0.2"));
        assertThat(QemuVersion.parse("9.2.4")).isLessThan(QemuVersion.parse("10.0"));
        assertThat(QemuVersion.parse("10.0")).isLessThan(QemuVersion.parse("10.0.0"));
    }

    @Test
    void a_request_that_is_neither_version_nor_suite_is_refused() {
        for (String text : List.of("", "10.", "../x", "-t", "10.0.x", "a/b", "1.2.3.4.5")) {
            assertThatThrownBy(() -> QemuRequest.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void moving_names_are_settled_by_what_they_mean_today_and_each_suite_stands_once() {
        SuiteList list = SuiteList.parse("""
                two
                two two-backports   # leans on two
                @stable
                @stable @stable-backports
                @testing
                """);

        assertThat(list.settled(Map.of("stable", "two")).entries())
                .containsExactly(List.of("two"), List.of("two", "two-backports"));
        assertThat(list.settled(Map.of("stable", "three")).entries())
                .containsExactly(
                        List.of("two"),
                        List.of("two", "two-backports"),
                        List.of("three"),
                        List.of("three", "three-backports"));
        assertThat(list.settled(Map.of()).entries()).containsExactly(List.of("two"), List.of("two", "two-backports"));
    }

    @Test
    void a_moving_name_is_asked_for_once() {
        assertThat(SuiteList.parse("two\n@stable\n@stable @stable-backports").movingRoots())
                .containsExactly("stable");
    }

    @Test
    void a_suite_that_somebody_names_is_looked_in_with_what_it_leans_on() {
        SuiteList list = SuiteList.parse("two");

        assertThat(list.with("three").of("three")).contains(List.of("three"));
        assertThat(list.with("three-backports").of("three-backports")).contains(List.of("three", "three-backports"));
        assertThat(list.with("two")).isEqualTo(list);
    }

    @Test
    void the_list_that_is_shipped_names_suites_and_no_version() {
        assertThat(SuiteList.standard().names()).isNotEmpty().allMatch(name -> name.matches("[a-z-]+"));
    }
}
