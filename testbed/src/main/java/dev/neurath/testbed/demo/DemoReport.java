package dev.neurath.testbed.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.StyledLine.Style;
import dev.neurath.cli.output.Table;
import dev.neurath.cli.output.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a demo ended with, for scripts and for eyes.
 *
 * @param result the rollout's last phase
 * @param duration from the apply to the rollout's end
 * @param server where the coordinator still listens; empty when everything was ended
 * @param tls directory of the certificate that it takes; empty when everything was ended
 */
record DemoReport(
        String result,
        String accel,
        String from,
        String to,
        List<GuestReport> guests,
        Duration duration,
        String server,
        String tls,
        String directory) {

    boolean asAnnounced() {
        return result.equals("COMPLETE") && guests.stream().allMatch(GuestReport::asAnnounced);
    }

    ObjectNode json() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("result", result).put("accel", accel).put("from", from).put("to", to);
        ArrayNode vms = document.putArray("vms");
        guests.forEach(guest -> guest.write(vms.addObject()));
        ObjectNode totals = document.putObject("totals");
        totals.put("upgraded", count("UPGRADED"));
        totals.put("asItWas", count("AS_IT_WAS"));
        totals.put("lost", count("LOST"));
        totals.put("memoryErrors", memoryErrors());
        List<Double> pauses = pauses();
        if (pauses.isEmpty()) {
            totals.putNull("pauseMillisP50").putNull("pauseMillisMax");
        } else {
            totals.put("pauseMillisP50", pauses.get((pauses.size() - 1) / 2));
            totals.put("pauseMillisMax", pauses.getLast());
        }
        totals.put("durationMillis", duration.toMillis());
        document.put("directory", directory);
        if (!server.isEmpty()) {
            document.put("server", server);
            document.put("tls", tls);
        }
        return document;
    }

    List<StyledLine> lines() {
        Table table =
                new Table("GUEST", "HOST", "METHOD", "OUTCOME", "PAUSE", "SILENCE", "BEATS SINCE", "ERRORS", "QEMU");
        for (GuestReport guest : guests) {
            table.row(
                    guest.guest().id(),
                    guest.guest().host(),
                    Words.method(guest.line().getMethod()),
                    guest.outcome(),
                    Words.pause(guest.line().getPause()),
                    String.format(Locale.ROOT, "%.1f ms", guest.beats().gapMillis()),
                    String.valueOf(guest.beats().after()),
                    String.valueOf(guest.beats().memoryErrors()),
                    guest.now().getRevision().getVersion());
        }
        List<StyledLine> lines = new ArrayList<>();
        lines.add(StyledLine.of(""));
        lines.addAll(table.lines());
        lines.add(StyledLine.of(""));
        lines.add(new StyledLine()
                .add(result, Words.style(result))
                .add(": QEMU " + from + " to " + to + " under " + Words.count(guests.size(), "running guest") + " in "
                        + Words.duration(duration) + "; " + count("UPGRADED") + " upgraded, " + count("AS_IT_WAS")
                        + " as before, "
                        + count("LOST") + " lost, " + memoryErrors() + " memory errors."));
        for (GuestReport guest : guests) {
            if (!guest.asAnnounced()) {
                lines.add(new StyledLine()
                        .add(guest.guest().id() + " did not end as announced: ", Style.BAD)
                        .add(guest.outcome() + " " + guest.line().getReason() + " "
                                + guest.line().getSentence() + " "
                                + String.join("; ", guest.beats().troubles())));
            }
        }
        return lines;
    }

    private long count(String outcome) {
        return guests.stream().filter(guest -> guest.outcome().equals(outcome)).count();
    }

    private long memoryErrors() {
        return guests.stream().mapToLong(guest -> guest.beats().memoryErrors()).sum();
    }

    /** Of those that were upgraded, ascending. */
    private List<Double> pauses() {
        return guests.stream()
                .filter(guest -> guest.outcome().equals("UPGRADED")
                        && guest.pauseMillis().isPresent())
                .map(guest -> guest.pauseMillis().getAsDouble())
                .sorted()
                .toList();
    }
}
