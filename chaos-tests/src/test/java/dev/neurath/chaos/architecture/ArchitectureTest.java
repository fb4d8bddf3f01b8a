package dev.neurath.chaos.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.neurath.model.release.CatalogState;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The modules know each other only as the list in the parent pom allows, and the model stays pure. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ArchitectureTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(Modules.ROOT);

    private static final JavaClasses OFFENDERS = new ClassFileImporter().importClasses(Offender.class);
    private static final String HERE = Offender.class.getPackageName() + "..";

    static Stream<String> modules() {
        return Modules.MAY_USE.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void dependencies_point_down_the_list(String module) {
        Modules.direction(module).check(ALL);
    }

    @Test
    void every_class_belongs_to_a_module_of_the_list() {
        assertThat(ALL)
                .allSatisfy(type -> assertThat(Modules.MAY_USE)
                        .as(type.getName())
                        .containsKey(type.getPackageName()
                                .substring(Modules.ROOT.length() + 1)
                                .split("\\.", 2)[0]));
    }

    @Test
    void the_list_itself_has_no_way_round() {
        assertThat(Modules.MAY_USE)
                .allSatisfy((module, used) -> assertThat(used)
                        .doesNotContain(module)
                        .allSatisfy(below -> assertThat(used)
                                .as(module + " may use " + below + ", and all that it uses")
                                .containsAll(Modules.MAY_USE.get(below))));
    }

    @Test
    void the_model_is_jdk_jspecify_and_immutable_collections_only() {
        Modules.nothingBut("model", "org.pcollections..").check(ALL);
    }

    @Test
    void the_codec_is_pure_too() {
        Modules.nothingBut("codec", Modules.of("model"), Modules.of("proto"), "com.google.protobuf..")
                .check(ALL);
        Modules.asksNeitherClockNorDice(Modules.of("codec")).check(ALL);
    }

    @Test
    void vm_actors_and_host_actors_never_see_each_other() {
        Modules.uses_no("vm", Modules.of("host")).check(ALL);
        Modules.uses_no("host", Modules.of("vm")).check(ALL);
    }

    @Test
    void the_agent_carries_neither_actors_nor_a_database() {
        Modules.uses_no(
                        "agent",
                        "org.apache.pekko..",
                        "scala..",
                        "java.sql..",
                        "org.postgresql..",
                        "com.zaxxer..",
                        Modules.of("persistence"))
                .check(ALL);
    }

    /** A wall clock that jumps changes no lease, no limit and no pause; only {@code Incarnation} reads it, for a number that grows with every start. */
    @Test
    void the_agent_and_the_vm_actors_measure_by_the_monotonic_clock() {
        noClasses()
                .that()
                .resideInAnyPackage(Modules.of("agent"), Modules.of("vm"))
                .and()
                .doNotHaveFullyQualifiedName(Modules.ROOT + ".agent.vm.Incarnation")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(ALL);
    }

    @Test
    void the_command_line_carries_neither_actors_nor_a_database() {
        Modules.uses_no("cli", "org.apache.pekko..", "scala..", "java.sql..", "org.postgresql..", "com.zaxxer..")
                .check(ALL);
    }

    @Test
    void the_model_asks_neither_clock_nor_dice() {
        Modules.asksNeitherClockNorDice(Modules.of("model")).check(ALL);
    }

    @Test
    void the_model_does_no_io_and_knows_no_threads() {
        Modules.touchesNothingOutside(Modules.of("model")).check(ALL);
    }

    @Test
    void states_are_made_in_their_own_class_and_by_codecs_only() {
        List<String> states = ALL.stream()
                .filter(type -> type.isRecord() && type.getSimpleName().endsWith("State"))
                .map(type -> type.getSimpleName())
                .toList();
        assertThat(states).contains("VmState", "HostState", "RolloutState", "BudgetState", "CatalogState");
        Modules.statesAreMadeInTheirOwnClass(Modules.of("model")).check(ALL);
    }

    /** Breaks them all. */
    private static final class Offender {
        private final ReentrantLock lock = new ReentrantLock();

        String offend() {
            lock.lock();
            return new CatalogState(new TreeMap<>(), List.of(), List.of()).toString()
                    + new Random().nextInt()
                    + System.nanoTime();
        }
    }

    @Test
    void the_rules_catch_who_breaks_them() {
        assertThat(new Offender().offend()).isNotEmpty();
        Stream.of(
                        Modules.asksNeitherClockNorDice(HERE),
                        Modules.touchesNothingOutside(HERE),
                        Modules.statesAreMadeInTheirOwnClass(Modules.of("model")))
                .forEach(rule -> assertThatThrownBy(() -> rule.check(OFFENDERS))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("Offender"));
        Arrays.asList("Random.<init>()", "System.nanoTime()")
                .forEach(found -> assertThatThrownBy(
                                () -> Modules.asksNeitherClockNorDice(HERE).check(OFFENDERS))
                        .hasMessageContaining(found));
    }
}
