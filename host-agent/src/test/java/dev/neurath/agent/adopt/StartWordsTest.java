package dev.neurath.agent.adopt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartWordsTest {
    private static final String ALL = "000001ffffffffff";
    private static final String NONE = "0000000000000000";

    private static final Map<String, String> ROOTS = Map.ofEntries(
            Map.entry("user", "0 0 0 0"),
            Map.entry("group", "0 0 0 0"),
            Map.entry("groups", "0"),
            Map.entry("no new privileges", "0"),
            Map.entry("capabilities CapInh", NONE),
            Map.entry("capabilities CapPrm", ALL),
            Map.entry("capabilities CapEff", ALL),
            Map.entry("capabilities CapBnd", ALL),
            Map.entry("capabilities CapAmb", NONE),
            Map.entry("namespace net", "net:[1]"),
            Map.entry("namespace uts", "uts:[1]"),
            Map.entry("namespace mnt", "mnt:[1]"),
            Map.entry("root directory", "/"),
            Map.entry("limit nofile", "1024:4096"),
            Map.entry("oom score", "0"),
            Map.entry("processors", "0-3"),
            Map.entry("scheduling", "0 0 0"),
            Map.entry("umask", "0022"));

    @Test
    void what_is_the_same_needs_no_words() throws Exception {
        assertThat(words(Map.of())).isEmpty();
    }

    @Test
    void namespaces_come_first_then_limits_and_whose_it_is_comes_last() throws Exception {
        assertThat(words(Map.ofEntries(
                        Map.entry("namespace net", "net:[7]"),
                        Map.entry("namespace uts", "uts:[7]"),
                        Map.entry("limit nofile", "100:100"),
                        Map.entry("oom score", "500"),
                        Map.entry("processors", "1"),
                        Map.entry("scheduling", "5 0 0"),
                        Map.entry("umask", "0077"),
                        Map.entry("user", "107 107 107 107"),
                        Map.entry("group", "108 108 108 108"),
                        Map.entry("groups", "108,44"),
                        Map.entry("no new privileges", "1"),
                        Map.entry("capabilities CapInh", "0000000000001000"),
                        Map.entry("capabilities CapPrm", "0000000000001000"),
                        Map.entry("capabilities CapEff", "0000000000001000"),
                        Map.entry("capabilities CapAmb", "0000000000001000"),
                        Map.entry("capabilities CapBnd", "0000000000001400"))))
                .containsExactly(
                        "/usr/bin/nsenter",
                        "--net=/proc/42/ns/net",
                        "--uts=/proc/42/ns/uts",
                        "--",
                        "/usr/bin/prlimit",
                        "--nofile=100:100",
                        "--",
                        "/usr/bin/choom",
                        "-n",
                        "500",
                        "--",
                        "/usr/bin/taskset",
                        "-c",
                        "1",
                        "/usr/bin/nice",
                        "-n",
                        "5",
                        "/bin/sh",
                        "-c",
                        "umask \"$0\"; exec \"$@\"",
                        "0077",
                        "/usr/bin/setpriv",
                        "--ruid",
                        "107",
                        "--euid",
                        "107",
                        "--rgid",
                        "108",
                        "--egid",
                        "108",
                        "--groups",
                        "108,44",
                        "--ambient-caps",
                        "-all,+cap_12",
                        "--inh-caps",
                        "-all,+cap_12",
                        "--bounding-set",
                        "-all,+cap_10,+cap_12",
                        "--no-new-privs",
                        "--");
    }

    @Test
    void a_user_without_groups_gets_none() throws Exception {
        assertThat(words(Map.of("groups", ""))).contains("--clear-groups").doesNotContain("--groups");
    }

    @Test
    void where_the_agents_files_would_not_be_found_nothing_is_started() {
        for (String name : List.of("namespace mnt", "namespace pid", "namespace user", "root directory")) {
            assertThatThrownBy(() -> words(Map.of(name, "elsewhere")))
                    .isInstanceOfSatisfying(NotAdoptable.class, refusal -> {
                        assertThat(refusal.code()).isEqualTo("SURROUNDINGS");
                        assertThat(refusal.sentence()).contains(name, "elsewhere");
                    });
        }
    }

    @Test
    void only_an_agent_that_is_root_gives_another_user_or_network() {
        var own = new Surroundings(with(Map.of("user", "1000 1000 1000 1000")));
        for (String name : List.of("group", "capabilities CapBnd", "namespace net", "no new privileges")) {
            var its = new HashMap<>(own.facts());
            its.put(name, "7 7 7 7");
            assertThatThrownBy(() -> StartWords.of(42, new Surroundings(its), own))
                    .isInstanceOfSatisfying(
                            NotAdoptable.class,
                            refusal ->
                                    assertThat(refusal.sentence()).contains(name, "only an agent that runs as root"));
        }
    }

    private static List<String> words(Map<String, String> others) throws NotAdoptable {
        return StartWords.of(42, new Surroundings(with(others)), new Surroundings(ROOTS));
    }

    private static Map<String, String> with(Map<String, String> others) {
        var facts = new HashMap<>(ROOTS);
        facts.putAll(others);
        return facts;
    }
}
