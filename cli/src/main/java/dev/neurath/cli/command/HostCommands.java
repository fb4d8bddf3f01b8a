package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.Table;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.CordonHostRequest;
import dev.neurath.proto.v1.DeclareHostDeadRequest;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.HostFacts;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.UncordonHostRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "host", description = "Hosts and their agents.", synopsisSubcommandLabel = "COMMAND")
public final class HostCommands extends Verb {
    private static final String ID = "Its id, or the beginning of it.";

    @Command(description = "All hosts.")
    int list() {
        List<Host> hosts = hosts();
        printer().list("Host", hosts, () -> table(hosts));
        return ExitCode.OK;
    }

    @Command(description = "One host.")
    int show(@Parameters(paramLabel = "HOST", description = ID) String id) {
        return print(host(id));
    }

    @Command(description = "Place no new VM on it, start nothing there.")
    int cordon(
            @Parameters(paramLabel = "HOST", description = ID) String id,
            @Option(names = "--reason") @Nullable String reason) {
        CordonHostRequest request = CordonHostRequest.newBuilder()
                .setHost(host(id).getId())
                .setReason(reason == null ? "" : reason)
                .build();
        return print(api().fleet(fleet -> fleet.cordonHost(request)));
    }

    @Command(description = "End a cordon.")
    int uncordon(@Parameters(paramLabel = "HOST", description = ID) String id) {
        UncordonHostRequest request =
                UncordonHostRequest.newBuilder().setHost(host(id).getId()).build();
        return print(api().fleet(fleet -> fleet.uncordonHost(request)));
    }

    @Command(
            name = "declare-dead",
            description =
                    "You know that it is off for good: settles its UNCERTAIN VMs. Wrong evidence means two running copies of a guest.")
    int declareDead(
            @Parameters(paramLabel = "HOST", description = "Its whole id.") String id,
            @Option(
                            names = "--evidence",
                            required = true,
                            description = "What you saw, for example: powered off at the PDU.")
                    String evidence) {
        DeclareHostDeadRequest request = DeclareHostDeadRequest.newBuilder()
                .setHost(id)
                .setEvidence(evidence)
                .build();
        return print(api().fleet(fleet -> fleet.declareHostDead(request)));
    }

    private List<Host> hosts() {
        return api().fleet(fleet -> fleet.listHosts(ListHostsRequest.getDefaultInstance()))
                .getHostsList();
    }

    private Host host(String wanted) {
        Map<String, Host> hosts = hosts().stream().collect(Collectors.toMap(Host::getId, host -> host));
        return java.util.Objects.requireNonNull(
                hosts.get(Prefixes.resolve("host", wanted, List.copyOf(hosts.keySet()), "neurath host list")));
    }

    private int print(Host host) {
        printer().one("Host", host, () -> details(host));
        return ExitCode.OK;
    }

    private List<StyledLine> table(List<Host> hosts) {
        Table table = new Table(
                "HOST",
                "STATE",
                "CORDONED",
                "VMS",
                "CPUS",
                "FREE AT CONNECT",
                "FOR RAM FILES AT CONNECT",
                "ACCEL",
                "SINCE",
                "LABELS");
        hosts.forEach(host -> table.row(
                host.getId(),
                host.getState(),
                host.getCordoned() ? "yes" : "",
                String.valueOf(host.getVms()),
                String.valueOf(host.getFacts().getCpus()),
                Words.bytes(host.getFacts().getFreeMemoryBytes()),
                Words.bytes(host.getFacts().getFreeRamFilesBytes()),
                host.getFacts().getAccel(),
                Words.dateAndClock(host.getSince(), console().zone()),
                labels(host.getFacts().getLabelsMap())));
        return table.lines();
    }

    private List<StyledLine> details(Host host) {
        HostFacts facts = host.getFacts();
        return new Details()
                .line("Host", host.getId())
                .line("State", host.getState() + (host.getCordoned() ? ", cordoned" : ""))
                .line("Since", Words.dateAndClock(host.getSince(), console().zone()))
                .line("VMs", String.valueOf(host.getVms()))
                .line(
                        "Memory",
                        Words.bytes(facts.getFreeMemoryBytes()) + " free when its agent connected, of "
                                + Words.bytes(facts.getMemoryBytes()))
                .line("For RAM files", Words.bytes(facts.getFreeRamFilesBytes()) + " free when its agent connected")
                .line("CPUs", facts.getCpus() + " (" + facts.getAccel() + ")")
                .line("Kernel", facts.getKernel())
                .line("Labels", labels(facts.getLabelsMap()))
                .line("Agent", host.getAgentVersion())
                .line("Boot", host.getBootId())
                .lines();
    }

    static String labels(Map<String, String> labels) {
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(","));
    }
}
