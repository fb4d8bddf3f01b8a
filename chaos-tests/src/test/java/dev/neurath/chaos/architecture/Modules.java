package dev.neurath.chaos.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The dependencies between the modules, as they stand in the parent pom and in ARCHITECTURE.md, in the form of rules. */
final class Modules {
    static final String ROOT = "dev.neurath";

    /** Of each module, by its package below {@link #ROOT}: the modules that it may use. `bench` is above them all and out of their sight. */
    static final Map<String, Set<String>> MAY_USE = new TreeMap<>(Map.ofEntries(
            Map.entry("proto", Set.of()),
            Map.entry("model", Set.of()),
            Map.entry("codec", Set.of("proto", "model")),
            Map.entry("identity", Set.of("model")),
            Map.entry("ca", Set.of("model", "identity")),
            Map.entry("intent", Set.of("model")),
            Map.entry("persistence", Set.of("proto", "model", "codec")),
            Map.entry("vm", Set.of("proto", "model", "codec", "persistence")),
            Map.entry("host", Set.of("proto", "model", "codec", "persistence")),
            Map.entry(
                    "coordinator",
                    Set.of("proto", "model", "codec", "identity", "intent", "persistence", "vm", "host")),
            Map.entry("agent", Set.of("proto", "model", "codec", "identity")),
            Map.entry("cli", Set.of("proto", "model", "codec", "identity", "ca", "intent")),
            Map.entry("testbed", Set.of("proto", "model", "codec", "identity", "ca", "intent", "agent", "cli")),
            Map.entry(
                    "chaos",
                    Set.of(
                            "proto",
                            "model",
                            "codec",
                            "identity",
                            "ca",
                            "intent",
                            "persistence",
                            "vm",
                            "host",
                            "coordinator",
                            "agent",
                            "cli",
                            "testbed"))));

    private static final List<String> TIME_AND_CHANCE = List.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.lang.System.getenv",
            "java.lang.System.getProperty",
            "java.time.Instant.now",
            "java.time.LocalDate.now",
            "java.time.LocalTime.now",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.lang.Math.random",
            "java.util.UUID.randomUUID",
            "java.util.Collections.shuffle");

    private Modules() {}

    /** In {@code name}, nothing of Neurath is used but itself and what it may use. */
    static ArchRule direction(String name) {
        var allowed = new ArrayList<String>(List.of(of(name)));
        MAY_USE.getOrDefault(name, Set.of()).forEach(used -> allowed.add(of(used)));
        return ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(of(name))
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage(ROOT + "..")
                        .and(DescribedPredicate.not(
                                JavaClass.Predicates.resideInAnyPackage(allowed.toArray(String[]::new)))))
                .because("dependencies point down the list of modules only");
    }

    /** Those of {@code name} use nothing but what lies in these packages, themselves, the JDK and JSpecify. */
    static ArchRule nothingBut(String name, String... packages) {
        var allowed = new ArrayList<>(List.of(of(name), "java..", "org.jspecify.."));
        allowed.addAll(List.of(packages));
        return ArchRuleDefinition.classes()
                .that()
                .resideInAPackage(of(name))
                .should()
                .onlyDependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(allowed.toArray(String[]::new)));
    }

    static ArchRule uses_no(String name, String... packages) {
        return ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(of(name))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages);
    }

    /** Time and chance come as arguments, so that the same inputs give the same outputs in every replay. */
    static ArchRule asksNeitherClockNorDice(String packages) {
        return ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(packages)
                .should()
                .callCodeUnitWhere(DescribedPredicate.describe(
                        "it asks a clock, chance or the machine",
                        call -> TIME_AND_CHANCE.contains(call.getTargetOwner().getName() + "." + call.getName())
                                || unseeded(
                                        call.getTargetOwner(),
                                        call.getName(),
                                        call.getTarget().getRawParameterTypes().size())))
                .because("the model is replayed: time and chance are arguments");
    }

    private static boolean unseeded(JavaClass owner, String name, int parameters) {
        return name.equals(JavaConstructor.CONSTRUCTOR_NAME)
                && parameters == 0
                && List.of("java.util.Random", "java.util.SplittableRandom", "java.security.SecureRandom")
                        .contains(owner.getName());
    }

    static ArchRule touchesNothingOutside(String packages) {
        return ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(packages)
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(
                                "java.io..",
                                "java.nio.file..",
                                "java.nio.channels..",
                                "java.net..",
                                "java.sql..",
                                "java.util.concurrent..")
                        .or(JavaClass.Predicates.belongToAnyOf(
                                Thread.class, ThreadLocal.class, Process.class, ProcessBuilder.class, Runtime.class)))
                .because("the model does no I/O and knows no threads");
    }

    /** A state is made by its own class, or read back by a codec: nobody else can make one up. */
    static ArchRule statesAreMadeInTheirOwnClass(String packages) {
        return ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackage(of("codec"))
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "it makes a state that is not its own",
                        (JavaConstructorCall call) -> isState(call.getTargetOwner(), packages)
                                && !outermost(call.getOriginOwner()).equals(call.getTargetOwner())))
                .because("state changes only in evolve");
    }

    private static boolean isState(JavaClass type, String packages) {
        return type.getSimpleName().endsWith("State")
                && type.isRecord()
                && JavaClass.Predicates.resideInAPackage(packages).test(type);
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(Modules::outermost).orElse(type);
    }

    static String of(String name) {
        return ROOT + "." + name + "..";
    }
}
