package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.Printer;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.Table;
import dev.neurath.proto.v1.AdoptVmsResponse;
import dev.neurath.proto.v1.AdoptVmsResponse.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What became of each VM that an adoption found. The reasons for a refusal are printed whole below the table: they say what to change. */
record AdoptedVms(Console console, Printer printer) {
    /** @return REFUSED if nothing was adopted */
    int print(AdoptVmsResponse answer) {
        List<Found> found = answer.getFoundList();
        printer.list("AdoptedVm", found, () -> lines(found));
        found.stream()
                .filter(Found::hasVm)
                .findFirst()
                .ifPresent(vm -> console.suggest("Next:  neurath vm show " + vm.getId()));
        return found.stream().anyMatch(Found::hasVm) ? ExitCode.OK : ExitCode.REFUSED;
    }

    private static List<StyledLine> lines(List<Found> found) {
        var table = new Table("VM", "PID", "SOCKET", "OUTCOME");
        var reasons = new ArrayList<StyledLine>();
        for (Found one : found) {
            table.row(
                    one.getId(),
                    one.hasProcess() ? String.valueOf(one.getProcess().getPid()) : "",
                    one.getSocketsCount() == 0 ? "" : one.getSockets(0),
                    one.hasVm() ? "adopted" : one.getRefusal().getCode());
            if (one.hasRefusal()) {
                String who = one.getId().isEmpty() ? one.getSockets(0) : one.getId();
                reasons.add(StyledLine.of(""));
                reasons.add(StyledLine.of(who + ": " + one.getRefusal().getSentence()));
                reasons.add(StyledLine.of("  way out: " + one.getRefusal().getWayOut()));
            }
        }
        return Stream.concat(table.lines().stream(), reasons.stream()).toList();
    }
}
