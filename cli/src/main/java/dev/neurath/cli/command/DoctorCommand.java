package dev.neurath.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.doctor.Finding;
import dev.neurath.cli.doctor.FleetHealth;
import dev.neurath.cli.doctor.Machine;
import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.Table;
import dev.neurath.proto.v1.GetFreezeRequest;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.ListReleasesRequest;
import dev.neurath.proto.v1.ListVmsRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = {
            "Looks at the fleet, and at this machine as a host of it, and says what would be in the way of a rollout. Changes nothing.",
            "The exit code is 1 if something will not work."
        })
public final class DoctorCommand extends Verb implements Callable<Integer> {
    @Option(names = "--machine", description = "Only this machine: no coordinator is asked.")
    private boolean machineOnly;

    @Override
    public Integer call() throws IOException {
        var findings = new ArrayList<>(new Machine(Path.of("/")).findings());
        if (!machineOnly) {
            findings.addAll(fleet());
        }
        if (printer().format().isDocument()) {
            printer().document(document(findings));
        } else {
            printer().lines(table(findings));
            findings.stream()
                    .filter(finding -> !finding.wayOut().isEmpty())
                    .forEach(finding -> console().err().println(finding.check() + ": " + finding.wayOut()));
        }
        return findings.stream().anyMatch(finding -> finding.verdict() == Finding.Verdict.FAIL)
                ? ExitCode.ERROR
                : ExitCode.OK;
    }

    private List<Finding> fleet() {
        try {
            var findings = new ArrayList<>(FleetHealth.findings(
                    api().fleet(fleet -> fleet.listHosts(ListHostsRequest.getDefaultInstance()))
                            .getHostsList(),
                    api().fleet(fleet -> fleet.listVms(ListVmsRequest.getDefaultInstance()))
                            .getVmsList(),
                    api().fleet(fleet -> fleet.listReleases(ListReleasesRequest.getDefaultInstance()))
                            .getReleasesList()));
            findings.add(freeze());
            return findings;
        } catch (CliFailure nobody) {
            if (nobody.exitCode() == ExitCode.USAGE) {
                // Nobody was asked: the command line itself is wrong.
                throw nobody;
            }
            return List.of(new Finding(
                    "coordinator", Finding.Verdict.FAIL, String.valueOf(nobody.getMessage()), nobody.wayOut()));
        }
    }

    /** A node of an older build cannot be asked, and the rest is worth knowing all the same. */
    private Finding freeze() {
        try {
            return FleetHealth.freeze(
                    api().rollouts(rollouts -> rollouts.getFreeze(GetFreezeRequest.getDefaultInstance())));
        } catch (CliFailure unknown) {
            return FleetHealth.freezeUnknown(String.valueOf(unknown.getMessage()));
        }
    }

    private static List<StyledLine> table(List<Finding> findings) {
        Table table = new Table("CHECK", "VERDICT", "FOUND");
        findings.forEach(finding -> table.row(finding.check(), finding.verdict().name(), finding.sentence()));
        return table.lines();
    }

    private static ObjectNode document(List<Finding> findings) {
        ObjectNode document = Documents.headed("Doctor");
        ArrayNode all = document.putArray("findings");
        findings.forEach(finding -> all.addObject()
                .put("check", finding.check())
                .put("verdict", finding.verdict().name())
                .put("sentence", finding.sentence())
                .put("wayOut", finding.wayOut()));
        return document;
    }
}
