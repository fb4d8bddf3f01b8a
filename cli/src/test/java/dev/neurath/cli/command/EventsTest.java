package dev.neurath.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.cli.Captured;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.FakeCoordinator;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.Vm;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EventsTest {
    private static List<Event> events(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(n -> Event.newBuilder()
                        .setSubject("vm/a")
                        .setSequence(n)
                        .setId("vm/a#" + n)
                        .setSentence("event " + n)
                        .setCursor(String.valueOf(n))
                        .build())
                .toList();
    }

    @Test
    void a_watch_goes_on_at_the_next_node_after_the_last_event_it_saw() {
        try (FakeCoordinator first = new FakeCoordinator();
                FakeCoordinator second = new FakeCoordinator()) {
            first.events.addAll(events(50));
            first.breakAfter = 20;
            second.events.addAll(events(50));
            Captured run =
                    Captured.run("events", "-w", "-o", "json", "--server", first.address() + "," + second.address());
            // The fake ends the second stream in a way that no other node could better.
            assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
            assertThat(run.err()).contains("the test's end");
            List<String> ids = run.out()
                    .lines()
                    .map(line -> line.replaceAll(".*\"id\":\"([^\"]*)\".*", "$1"))
                    .toList();
            assertThat(ids).isEqualTo(events(50).stream().map(Event::getId).toList());
        }
    }

    @Test
    void a_list_reads_page_after_page_and_then_ends() {
        try (FakeCoordinator node = new FakeCoordinator()) {
            node.events.addAll(events(2500));
            Captured run = Captured.run("events", "--server", node.address());
            assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
            assertThat(run.out().lines())
                    .hasSize(2500)
                    .last()
                    .asString()
                    .contains("vm/a#2500")
                    .contains("event 2500");
        }
    }

    @Test
    void pages_without_a_match_are_read_past() {
        try (FakeCoordinator node = new FakeCoordinator()) {
            node.events.addAll(events(100));
            node.events.add(Event.newBuilder()
                    .setSubject("vm/late")
                    .setSequence(1)
                    .setSentence("at last")
                    .setCursor("101")
                    .build());
            node.vms.add(Vm.newBuilder().setId("late").build());
            node.looksAt = 10;
            Captured run = Captured.run("vm", "timeline", "late", "--server", node.address());
            assertThat(run.out().lines()).singleElement().asString().contains("at last");
        }
    }

    @Test
    void a_limit_is_kept_over_pages() {
        try (FakeCoordinator node = new FakeCoordinator()) {
            node.events.addAll(events(2500));
            assertThat(Captured.run("events", "--limit", "1200", "--server", node.address())
                            .out()
                            .lines())
                    .hasSize(1200);
        }
    }
}
