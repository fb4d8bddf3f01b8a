package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.OutputFormat;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.Table;
import dev.neurath.cli.output.Words;
import dev.neurath.intent.FileForms;
import dev.neurath.proto.v1.AdoptVmsRequest;
import dev.neurath.proto.v1.GetVmRequest;
import dev.neurath.proto.v1.HoldVmRequest;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.ReleaseVmRequest;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.StopVmRequest;
import dev.neurath.proto.v1.UnholdVmRequest;
import dev.neurath.proto.v1.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "vm", description = "Virtual machines.", synopsisSubcommandLabel = "COMMAND")
public final class VmCommands extends Verb {
    private static final String ID = "Its id, or the beginning of it.";

    @Command(
            description = "Start a VM; it is STARTING when this returns.",
            footer = {
                "%nExample: neurath vm start -f vm.yaml --host h1",
                "%nThe VM file; apiVersion, kind, id, release, machine and memory must be there:",
                FileForms.VM
            })
    int start(
            @Option(
                            names = {"-f", "--file"},
                            required = true,
                            paramLabel = "FILE",
                            description = "The VM's file; - is stdin.")
                    Path file,
            @Option(names = "--host", paramLabel = "HOST", description = "Default: the host with the most free memory.")
                    @Nullable
                    String host) {
        StartVmRequest request = StartVmRequest.newBuilder()
                .setSpec(IntentFiles.vm(file))
                .setHost(host == null ? "" : host)
                .build();
        Vm vm = api().fleet(fleet -> fleet.startVm(request));
        print(vm);
        console().suggest("Next:  neurath vm show " + vm.getId());
        return ExitCode.OK;
    }

    @Command(
            description = "Take over VMs that somebody else started; each is handed over later like any other.",
            footer = {
                "%nNothing is done to a guest by this: it is looked at, and written down.",
                "Example: neurath vm adopt --host h1 --qmp /run/vms/web-1.qmp"
            })
    int adopt(
            @Option(names = "--host", required = true, paramLabel = "HOST", description = "The host that it runs on.")
                    String host,
            @Option(
                            names = "--qmp",
                            required = true,
                            paramLabel = "PATH|DIR",
                            description = "A QMP socket on that host, or a directory of them: then all that are found.")
                    String qmp,
            @Option(names = "--id", paramLabel = "VM", description = "Default: the name that its QEMU was given.")
                    @Nullable
                    String id,
            @Option(
                            names = "--consent",
                            paramLabel = "supervised",
                            description = "supervised: also VMs that systemd, libvirt or a parent looks after.")
                    @Nullable
                    Consent consent,
            @Option(
                            names = "--pause-budget",
                            paramLabel = "DURATION",
                            description = "The longest pause that is accepted, for example 200ms. Default: 1s.")
                    @Nullable
                    String pauseBudget,
            @Option(names = "--label", paramLabel = "KEY=VALUE", description = "May be repeated.") @Nullable
                    Map<String, String> labels) {
        var request = AdoptVmsRequest.newBuilder()
                .setHost(host)
                .setQmp(qmp)
                .setId(id == null ? "" : id)
                .setSupervisedConsent(consent == Consent.supervised)
                .putAllLabels(labels == null ? Map.of() : labels);
        if (pauseBudget != null) {
            Duration budget = DurationText.parse("--pause-budget", pauseBudget);
            request.setPauseBudget(com.google.protobuf.Duration.newBuilder()
                    .setSeconds(budget.getSeconds())
                    .setNanos(budget.getNano()));
        }
        AdoptVmsRequest asked = request.build();
        return new AdoptedVms(console(), printer()).print(api().fleet(fleet -> fleet.adoptVms(asked)));
    }

    /** What an owner can agree to. */
    enum Consent {
        supervised
    }

    @Command(description = "Stop a VM: its QEMU ends, what it held in RAM is gone.")
    int stop(@Parameters(paramLabel = "VM", description = "Its whole id.") String id) {
        // Not a beginning: the VM that was meant may be gone, and then another one is the only one that begins so.
        StopVmRequest request = StopVmRequest.newBuilder().setId(id).build();
        return print(api().fleet(fleet -> fleet.stopVm(request)));
    }

    @Command(description = "All VMs.")
    int list(
            @Option(
                            names = {"-l", "--selector"},
                            paramLabel = "SELECTOR",
                            description = "For example tier=web,rack in (a,b).")
                    @Nullable
                    String selector,
            @Option(names = "--host", paramLabel = "HOST") @Nullable String host) {
        List<Vm> vms = vms(selector == null ? "" : selector, host == null ? "" : host);
        printer().list("Vm", vms, () -> table(vms));
        return ExitCode.OK;
    }

    @Command(description = "One VM.")
    int show(@Parameters(paramLabel = "VM", description = ID) String id) {
        GetVmRequest request = GetVmRequest.newBuilder().setId(resolve(id)).build();
        return print(api().fleet(fleet -> fleet.getVm(request)));
    }

    @Command(description = "Everything that happened to it, oldest first.")
    int timeline(@Parameters(paramLabel = "VM", description = ID) String id) {
        return new EventReader(api(), console(), printer()).list(EventReader.ofSubject("vm/" + resolve(id)), 0);
    }

    @Command(description = "Its owner wants it left alone: rollouts skip it until unhold.")
    int hold(
            @Parameters(paramLabel = "VM", description = ID) String id,
            @Option(names = "--reason", required = true, description = "Everyone who is held up by it reads this.")
                    String reason) {
        HoldVmRequest request =
                HoldVmRequest.newBuilder().setId(resolve(id)).setReason(reason).build();
        return print(api().fleet(fleet -> fleet.holdVm(request)));
    }

    @Command(description = "End a hold.")
    int unhold(@Parameters(paramLabel = "VM", description = ID) String id) {
        UnholdVmRequest request =
                UnholdVmRequest.newBuilder().setId(resolve(id)).build();
        return print(api().fleet(fleet -> fleet.unholdVm(request)));
    }

    @Command(description = "Let a QUARANTINED VM take part again; of a LOST one, give up the evidence.")
    int release(@Parameters(paramLabel = "VM", description = ID) String id) {
        ReleaseVmRequest request =
                ReleaseVmRequest.newBuilder().setId(resolve(id)).build();
        return print(api().fleet(fleet -> fleet.releaseVm(request)));
    }

    private List<Vm> vms(String selector, String host) {
        ListVmsRequest request =
                ListVmsRequest.newBuilder().setSelector(selector).setHost(host).build();
        return api().fleet(fleet -> fleet.listVms(request)).getVmsList();
    }

    private String resolve(String wanted) {
        return Prefixes.resolve(
                "VM", wanted, vms("", "").stream().map(Vm::getId).toList(), "neurath vm list");
    }

    private List<StyledLine> table(List<Vm> vms) {
        boolean wide = printer().format() == OutputFormat.wide;
        Table table = wide
                ? new Table(
                        "VM",
                        "HOST",
                        "PHASE",
                        "VERSION",
                        "RELEASE",
                        "MEMORY",
                        "PID",
                        "GENERATION",
                        "SINCE",
                        "HOLD",
                        "LAST ATTEMPT",
                        "LABELS")
                : new Table("VM", "HOST", "PHASE", "VERSION", "MEMORY", "SINCE", "HOLD", "LAST ATTEMPT");
        for (Vm vm : vms) {
            String phase = Documents.word(vm.getPhase());
            String memory = Words.bytes(vm.getSpec().getMemoryBytes());
            String since = Words.dateAndClock(vm.getSince(), console().zone());
            if (wide) {
                table.row(
                        vm.getId(),
                        vm.getHost(),
                        phase,
                        vm.getRevision().getVersion(),
                        vm.getRevision().getRelease(),
                        memory,
                        pid(vm),
                        String.valueOf(vm.getGeneration()),
                        since,
                        vm.getHold(),
                        last(vm),
                        HostCommands.labels(vm.getSpec().getLabelsMap()));
            } else {
                table.row(
                        vm.getId(),
                        vm.getHost(),
                        phase,
                        vm.getRevision().getVersion(),
                        memory,
                        since,
                        vm.getHold(),
                        last(vm));
            }
        }
        return table.lines();
    }

    private static String last(Vm vm) {
        return vm.getTrouble().isEmpty() ? vm.getLastEnd() : vm.getTrouble();
    }

    private static String pid(Vm vm) {
        return vm.getProcess().getPid() == 0
                ? ""
                : String.valueOf(vm.getProcess().getPid());
    }

    private int print(Vm vm) {
        printer()
                .one(
                        "Vm",
                        vm,
                        () -> new Details()
                                .line("VM", vm.getId())
                                .line("Host", vm.getHost())
                                .line("Phase", Documents.word(vm.getPhase()))
                                .line("Trouble", vm.getTrouble())
                                .line(
                                        "Since",
                                        Words.dateAndClock(
                                                vm.getSince(), console().zone()))
                                .line("Held", vm.getHold())
                                .line(
                                        "Runs",
                                        vm.getRevision().getRelease()
                                                + (vm.hasRevision()
                                                        ? " (QEMU "
                                                                + vm.getRevision()
                                                                        .getVersion() + ")"
                                                        : ""))
                                .line("Process", pid(vm))
                                .line("Control socket", vm.getProcess().getQmp())
                                .line("Machine", vm.getSpec().getMachine())
                                .line(
                                        "Memory",
                                        vm.hasSpec() ? Words.bytes(vm.getSpec().getMemoryBytes()) : "")
                                .line("Labels", HostCommands.labels(vm.getSpec().getLabelsMap()))
                                .line("Generation", String.valueOf(vm.getGeneration()))
                                .line("Last attempt", vm.getLastEnd())
                                .lines());
        return ExitCode.OK;
    }
}
