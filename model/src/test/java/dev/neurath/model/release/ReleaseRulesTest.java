package dev.neurath.model.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.vm.Method;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ReleaseRulesTest {
    private static final Actor OPERATOR = new Actor("operator");
    private static final ReleaseId ID = new ReleaseId("qemu-a");
    private static final String HASH = "0123456789abcdef".repeat(4);
    private static final ReleaseFacts FACTS = ReleaseFacts.of(List.of(), List.of(ReleaseFacts.CPR_TRANSFER_IN));

    private CatalogState catalog = CatalogState.initial();

    @Test
    void a_release_is_registered_once_and_again_without_an_event() {
        assertThat(register(release("/opt/qemu", HASH))).isEqualTo("1 events");
        assertThat(register(release("/opt/qemu", HASH))).isEqualTo("0 events");
        assertThat(catalog.find(ID)).isPresent();
    }

    @Test
    void other_contents_under_a_known_id_are_refused() {
        register(release("/opt/qemu", HASH));
        assertThat(register(release("/opt/other", HASH))).isEqualTo("RELEASE_DIFFERS");
        assertThat(register(Release.of(ID, "1.0", List.of("/opt/qemu"), Map.of("A", "b"), files("/opt/qemu", HASH))))
                .isEqualTo("RELEASE_DIFFERS");
    }

    @Test
    void what_is_known_of_a_release_may_grow_under_the_same_id() {
        register(release("/opt/qemu", HASH));
        assertThat(register(release("/opt/qemu", HASH).withFacts(FACTS))).isEqualTo("1 events");
        assertThat(Objects.requireNonNull(catalog.find(ID).orElseThrow().facts())
                        .can(ReleaseFacts.CPR_TRANSFER_IN))
                .isTrue();
        assertThat(register(release("/opt/qemu", HASH)))
                .as("registered again without facts")
                .isEqualTo("0 events");
        assertThat(catalog.find(ID).orElseThrow().facts()).isEqualTo(FACTS);
    }

    @Test
    void a_program_that_is_not_among_the_files_is_refused() {
        assertThat(register(Release.of(ID, "1.0", List.of("/opt/other"), Map.of(), files("/opt/qemu", HASH))))
                .isEqualTo("RELEASE_INVALID");
    }

    @Test
    void the_same_contents_may_be_signed_anew_and_keep_what_is_known() {
        register(release("/opt/qemu", HASH).signed("AAAA").withFacts(FACTS));
        assertThat(register(release("/opt/qemu", HASH).signed("BBBB"))).isEqualTo("1 events");
        assertThat(catalog.find(ID).orElseThrow())
                .isEqualTo(release("/opt/qemu", HASH).signed("BBBB").withFacts(FACTS));
        assertThat(register(release("/opt/qemu", HASH).signed("BBBB"))).isEqualTo("0 events");
        assertThat(register(release("/opt/qemu", HASH)))
                .as("without a signature")
                .isEqualTo("0 events");
    }

    @Test
    void facts_of_an_unknown_release_are_refused() {
        assertThat(give(new ReleaseCommand.LearnFacts(ID, FACTS))).isEqualTo("RELEASE_UNKNOWN");
    }

    @Test
    void what_is_learnt_is_recorded_once() {
        register(release("/opt/qemu", HASH));
        assertThat(give(new ReleaseCommand.LearnFacts(ID, FACTS))).isEqualTo("1 events");
        assertThat(give(new ReleaseCommand.LearnFacts(ID, FACTS))).isEqualTo("0 events");
        assertThat(catalog.find(ID).orElseThrow().facts()).isEqualTo(FACTS);
        var pair = new PairRefusal(ID, new ReleaseId("qemu-b"), Method.SHARED_RAM, Refusal.of("NO", "No.", "none"));
        assertThat(give(new ReleaseCommand.LearnPairRefusal(pair))).isEqualTo("1 events");
        assertThat(give(new ReleaseCommand.LearnPairRefusal(pair))).isEqualTo("0 events");
        assertThat(catalog.pairRefusals()).containsExactly(pair);
    }

    @Test
    void a_manifest_that_could_not_be_checked_or_started_is_refused() {
        assertThat(register(release("opt/qemu", HASH))).isEqualTo("RELEASE_INVALID");
        assertThat(register(release("/opt/qemu", "12"))).isEqualTo("RELEASE_INVALID");
        assertThat(register(Release.of(ID, "1.0", List.of(), Map.of(), files("/a", HASH))))
                .isEqualTo("RELEASE_INVALID");
        assertThat(register(Release.of(ID, "1.0", List.of("/a"), Map.of(), List.of())))
                .isEqualTo("RELEASE_INVALID");
        assertThat(register(Release.of(ID, " ", List.of("/a"), Map.of(), files("/a", HASH))))
                .isEqualTo("RELEASE_INVALID");
    }

    private static Release release(String path, String hash) {
        return Release.of(ID, "1.0", List.of(path), Map.of(), files(path, hash));
    }

    private static List<ReleaseFile> files(String path, String hash) {
        return List.of(new ReleaseFile(path, hash));
    }

    private String register(Release release) {
        return give(new ReleaseCommand.Register(release, OPERATOR));
    }

    private String give(ReleaseCommand command) {
        return switch (ReleaseRules.decide(catalog, command)) {
            case Decision.Accepted<ReleaseEvent, ReleaseEffect> accepted -> {
                accepted.events().forEach(event -> catalog = catalog.evolve(event));
                yield accepted.events().size() + " events";
            }
            case Decision.Refused<ReleaseEvent, ReleaseEffect> refused ->
                refused.refusal().code();
        };
    }
}
