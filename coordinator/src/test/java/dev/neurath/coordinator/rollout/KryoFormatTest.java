package dev.neurath.coordinator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.neurath.persistence.kryo.KryoIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes of two builds understand each other: {@code kryo-format.txt} beside the test resources is what they agreed on. */
@Timeout(60)
class KryoFormatTest {
    private static final Path GOLDEN = Path.of(System.getProperty("neurath.root"))
            .resolve("coordinator/src/test/resources/dev/neurath/coordinator/rollout/kryo-format.txt");

    @Test
    void what_nodes_say_to_each_other_keeps_its_shape() throws IOException {
        SortedMap<Integer, String> now = KryoFormat.of(ids());
        assertThat(KryoFormat.broken(golden(), now)).isEmpty();
        List<String> missing = KryoFormat.missing(golden(), now);
        if (Boolean.getBoolean("neurath.rewrite") && !missing.isEmpty()) {
            Files.write(GOLDEN, missing, StandardOpenOption.APPEND);
        }
        assertThat(KryoFormat.missing(golden(), now))
                .as("new: run the tests of module coordinator with -Dneurath.rewrite=true, which adds lines only")
                .isEmpty();
    }

    @Test
    void whatever_can_stand_in_a_message_has_a_number() {
        Set<Class<?>> stays = Set.of(EntityMessage.Repeat.class, EntityMessage.Flush.class, EntityMessage.Tick.class);
        assertThat(KryoReach.unnumbered(ids(), withLocal(stays))).isEmpty();
    }

    /** What an actor says to itself is gathered in an interface of that name. */
    private static Set<Class<?>> withLocal(Set<Class<?>> stays) {
        Set<Class<?>> all = ids().classes().values().stream()
                .filter(type -> type.getEnclosingClass() != null)
                .flatMap(type -> List.of(type.getEnclosingClass().getDeclaredClasses()).stream())
                .filter(type -> type.getSimpleName().equals("Local"))
                .collect(Collectors.toSet());
        all.addAll(stays);
        return all;
    }

    @Test
    void a_number_that_vanishes_or_means_something_else_is_found() {
        List<String> golden = List.of("100 a.A record x:int", "101 a.B by AsProtobuf", "102 - retired");
        assertThat(KryoFormat.broken(golden, now("100 a.A record x:int")))
                .singleElement()
                .asString()
                .startsWith("101 vanished");
        assertThat(KryoFormat.broken(golden, now("100 a.A record x:int", "101 a.C by AsProtobuf")))
                .singleElement()
                .asString()
                .startsWith("101 changed");
        assertThat(KryoFormat.broken(golden, now("100 a.A record x:int", "101 a.B by AsProtobuf", "102 a.D record")))
                .singleElement()
                .asString()
                .startsWith("102 was something else");
    }

    @Test
    void a_record_whose_components_change_in_name_type_or_number_is_found() {
        List<String> golden = List.of("100 a.A record x:int y:String");
        for (String changed : List.of("x:int", "x:long y:String", "z:int y:String", "x:int y:String w:int")) {
            assertThat(KryoFormat.broken(golden, now("100 a.A record " + changed)))
                    .hasSize(1);
            assertThat(KryoFormat.missing(golden, now("100 a.A record " + changed)))
                    .isEmpty();
        }
    }

    @Test
    void an_enum_may_grow_at_its_end_and_is_no_other_enum_otherwise() {
        List<String> golden = List.of("113 a.E enum ONE TWO");
        for (String changed : List.of("TWO ONE", "ONE", "ONE NEW TWO", "ONE TWOS")) {
            assertThat(KryoFormat.broken(golden, now("113 a.E enum " + changed)))
                    .hasSize(1);
        }
        var grown = now("113 a.E enum ONE TWO THREE FOUR");
        assertThat(KryoFormat.broken(golden, grown)).isEmpty();
        assertThat(KryoFormat.missing(golden, grown)).containsExactly("113 + THREE FOUR");
        List<String> after = List.of("113 a.E enum ONE TWO", "113 + THREE FOUR");
        assertThat(KryoFormat.missing(after, grown)).isEmpty();
        assertThat(KryoFormat.broken(after, now("113 a.E enum ONE TWO FOUR THREE")))
                .hasSize(1);
        assertThat(KryoFormat.broken(golden, now("113 a.E enum-with-bodies ONE TWO")))
                .hasSize(1);
    }

    @Test
    void what_is_new_gets_a_line_at_the_end() {
        assertThat(KryoFormat.missing(List.of("100 a.A record"), now("100 a.A record", "99 a.B enum ONE")))
                .containsExactly("99 a.B enum ONE");
    }

    private static SortedMap<Integer, String> now(String... lines) {
        var now = new TreeMap<Integer, String>();
        for (String line : lines) {
            now.put(Integer.parseInt(line.split(" ", 2)[0]), line);
        }
        return now;
    }

    private static List<String> golden() throws IOException {
        return Files.readAllLines(GOLDEN);
    }

    private static KryoIds ids() {
        ActorTestKit kit = ActorTestKit.create(ConfigFactory.load());
        try {
            return KryoIds.gathered(
                    kit.system().settings().config().getConfig("neurath.serialization"),
                    KryoFormatTest.class.getClassLoader(),
                    ActorRefResolver.get(kit.system()));
        } finally {
            kit.shutdownTestKit();
        }
    }
}
