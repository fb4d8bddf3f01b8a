package dev.neurath.cli.command;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.link.Api;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.Printer;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.StyledLine.Style;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.Filter;
import dev.neurath.proto.v1.Gap;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.ListEventsResponse;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Reads the feed and prints an event per line. Its own cursor carries it over the death of any node: no event twice, none left out. */
final class EventReader {
    private static final int PAGE = 1000;
    private static final Duration BEFORE_NEXT_NODE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Api api;
    private final Console console;
    private final Printer printer;

    EventReader(Api api, Console console, Printer printer) {
        this.api = api;
        this.console = console;
        this.printer = printer;
    }

    static Filter ofRollout(String id) {
        return Filter.newBuilder().setRollout(id).build();
    }

    static Filter ofSubject(String subject) {
        return Filter.newBuilder().addSubjects(subject).build();
    }

    int list(Filter filter, int limit) {
        return list(Start.newBuilder().setOldest(true).build(), filter, limit);
    }

    /** What there is now; {@code limit} 0 = all of it. */
    int list(Start start, Filter filter, int limit) {
        Start from = start;
        int printed = 0;
        while (true) {
            int page = limit == 0 ? PAGE : Math.min(PAGE, limit - printed);
            ListEventsRequest request = ListEventsRequest.newBuilder()
                    .setStart(from)
                    .setFilter(filter)
                    .setLimit(page)
                    .build();
            ListEventsResponse answer = api.events(feed -> feed.list(request));
            if (answer.hasGap()) {
                print(answer.getGap());
            }
            answer.getEventsList().forEach(this::print);
            printed += answer.getEventsCount();
            boolean stuck = answer.getCursor().isEmpty()
                    || (from.hasAfter() && from.getAfter().equals(answer.getCursor()));
            // A page without a match is no end: the node looks at so many rows at a time.
            boolean over = answer.getEventsCount() == 0 && !answer.getMore();
            if (over || stuck || (limit > 0 && printed >= limit)) {
                return ExitCode.OK;
            }
            from = after(answer.getCursor());
        }
    }

    /** Until Ctrl-C, or until no node answered for a while. */
    int watch(Start start, Filter filter) {
        Start from = start;
        long lastHeard = System.nanoTime();
        while (true) {
            WatchRequest request =
                    WatchRequest.newBuilder().setStart(from).setFilter(filter).build();
            try {
                Iterator<WatchResponse> stream = api.stream(feed -> feed.watch(request));
                while (stream.hasNext()) {
                    WatchResponse next = stream.next();
                    lastHeard = System.nanoTime();
                    switch (next.getMessageCase()) {
                        case EVENT -> {
                            print(next.getEvent());
                            from = after(next.getEvent().getCursor());
                        }
                        case BOOKMARK -> from = after(next.getBookmark().getCursor());
                        case GAP -> {
                            print(next.getGap());
                            from = after(next.getGap().getResumed());
                        }
                        case MESSAGE_NOT_SET -> {}
                    }
                }
            } catch (StatusRuntimeException failure) {
                boolean slow = failure.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED;
                boolean tired = System.nanoTime() - lastHeard > PATIENCE.toNanos();
                if ((!slow && !Api.anotherNodeMayAnswer(failure)) || tired) {
                    throw CliFailure.from(failure);
                }
                console.err()
                        .println("neurath: the stream ended ("
                                + failure.getStatus().getCode() + "); going on after the last event");
                api.nextNode();
            }
            LockSupport.parkNanos(BEFORE_NEXT_NODE.toNanos());
        }
    }

    private static Start after(String cursor) {
        return Start.newBuilder().setAfter(cursor).build();
    }

    private void print(Event event) {
        if (printer.format().isDocument()) {
            printer.streamed(Documents.of("Event", event));
            return;
        }
        Style style = switch (event.getSeverity()) {
            case SEVERITY_WARNING -> Style.WARNING;
            case SEVERITY_ERROR -> Style.BAD;
            case SEVERITY_INFO, SEVERITY_UNSPECIFIED, UNRECOGNIZED -> Style.PLAIN;
        };
        StyledLine line = new StyledLine()
                .add(Words.dateAndClock(event.getTime(), console.zone()) + "  ", Style.DIM)
                .cell(event.getSubject() + "#" + event.getSequence(), 18, Style.BOLD)
                .add(event.getSentence().isEmpty() ? event.getType() : event.getSentence(), style);
        if (!event.getReason().isEmpty()) {
            line.add("  " + event.getReason(), style);
        }
        printer.lines(List.of(line));
    }

    private void print(Gap gap) {
        if (printer.format().isDocument()) {
            printer.streamed(Documents.of("Gap", gap));
            return;
        }
        console.err()
                .println("neurath: GAP after " + gap.getAsked() + ": " + gap.getReason() + "; going on at "
                        + gap.getResumed());
    }
}
