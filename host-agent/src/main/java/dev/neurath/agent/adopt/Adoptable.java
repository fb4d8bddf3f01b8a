package dev.neurath.agent.adopt;

import dev.neurath.agent.adopt.QemuCommandLine.Option;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.qemu.QemuArgv;
import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qemu.QemuGraph;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.proto.v1.AgentVm;
import dev.neurath.proto.v1.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A running QEMU that can be handed over: it is running and at rest, its command line still describes it, all its memory can be seen by another process, and
 * another one can be started beside it. Whatever does not hold is a refusal by its name.
 *
 * @param description what the fleet knows of it; its id is a proposal, and it has no release
 * @param sha256 of the program that runs
 * @param graph the machine that was found, to be compared later
 */
public record Adoptable(
        ProcessIdentity process,
        Path control,
        String version,
        String sha256,
        VmSpec description,
        AgentVm.Origin origin,
        List<String> publicPaths,
        GuestMemory memory,
        String graph) {
    /** What QEMU takes where no processor is named. */
    private static final String USUAL_CPU = "qemu64";

    /** Says nothing of the machine, or is told elsewhere in a description: names, monitors, screens, what its process may do, and what a guest is told. */
    private static final Set<String> NOT_OF_THE_MACHINE = Set.of(
            "name",
            "uuid",
            "cpu",
            "accel",
            "enable-kvm",
            "append",
            "mon",
            "monitor",
            "qmp",
            "qmp-pretty",
            "pidfile",
            "vnc",
            "spice",
            "display",
            "k",
            "alt-grab",
            "ctrl-grab",
            "full-screen",
            "g",
            "no-quit",
            "portrait",
            "action",
            "no-reboot",
            "no-shutdown",
            "no-fd-bootchk",
            "watchdog-action",
            "msg",
            "sandbox",
            "overcommit",
            "async-teardown",
            "enable-fips",
            "only-migratable",
            "seed",
            "tb-size",
            "one-insn-per-tick",
            "singlestep");

    /** Their values are what an owner tells a guest, credentials too. */
    private static final Set<String> TOLD_TO_THE_GUEST = Set.of("smbios", "fw_cfg", "prom-env");

    private static final Set<String> SECRETS = Set.of(
            "secret", "secret_keyring", "tls-creds-x509", "tls-creds-psk", "tls-creds-anon", "tls-cipher-suites");

    private static final Derived.Binding UNBOUND = new Derived.Binding() {
        @Override
        public String bound(String publicPath) {
            return publicPath;
        }

        @Override
        public int fd(int index) {
            return QemuArgv.FIRST_PASSED_FD + index;
        }
    };

    static Adoptable of(
            ProcessIdentity identity, Path control, StartedBy started, LiveMachine live, boolean supervisedConsent)
            throws IOException, NotAdoptable {
        int pid = identity.pid();
        requireRest(live, identity);
        requireDisks(
                live, started.directory(), ProcessProbe.workingDirectory(pid).orElse(started.directory()));
        GuestMemory memory = GuestMemory.of(pid, live.facts(), live.baseMemory(), started.directory());
        Frame frame = Frame.of(pid, started.directory(), live.facts().machine(), live.cpu());
        Derived derived = Derivation.derive(started.commandLine(), frame);
        Optional<String> stale = ArgvAgainstLive.difference(started.commandLine(), frame, live);
        if (stale.isPresent()) {
            throw new NotAdoptable(
                    "ARGV_STALE", stale.get() + " since it was started, and its command line does not say so.");
        }
        AgentVm.Origin.Builder origin = AgentVm.Origin.newBuilder()
                .addAllArgv(started.argv())
                .setProgramWords(started.commandLine().program().size())
                .setDirectory(started.directory().toString())
                .setMachine(live.facts().machine())
                .setCpu(live.cpu())
                .setProcess(VmCodec.encode(process(identity, control)))
                .setSupervisedConsent(supervisedConsent);
        Foothold foothold = Foothold.of(pid);
        foothold.otherUser().ifPresent(origin::setUser);
        requireAccess(foothold, live, started.directory());
        requireMethod(live, memory, closed(foothold, live, started.directory()), origin);
        return new Adoptable(
                identity,
                control,
                live.facts().version(),
                started.sha256(),
                description(identity, started.commandLine(), derived, live),
                origin.build(),
                derived.publicPaths(),
                memory,
                QemuGraph.canonical(seen(live.facts(), started.directory())));
    }

    static QemuProcess process(ProcessIdentity identity, Path control) {
        return new QemuProcess(identity.bootId(), identity.pid(), identity.startTimeTicks(), control.toString());
    }

    /** As every QEMU of this VM would see itself: paths are absolute, and the agent's own monitor is no part of the machine. */
    public static QemuFacts seen(QemuFacts facts, Path directory) {
        return facts.in(directory).without(QemuArgv.CONTROL_ID);
    }

    private static void requireRest(LiveMachine live, ProcessIdentity identity) throws IOException, NotAdoptable {
        if (ProcessProbe.liveness(identity) != ProcessProbe.Liveness.RUNNING) {
            throw new NotAdoptable("RUNSTATE", "Process %d stands frozen by a signal.".formatted(identity.pid()));
        }
        for (var drive : live.ioStatus().entrySet()) {
            if (!drive.getValue().equals("ok")) {
                throw new NotAdoptable(
                        "IO_STALLED", "Drive '%s' reports '%s'.".formatted(drive.getKey(), drive.getValue()));
            }
        }
        String status = live.facts().status();
        if (status.equals("io-error")) {
            throw new NotAdoptable("IO_STALLED", "The guest stands still since a disk failed.");
        }
        if (!status.equals("running")) {
            throw new NotAdoptable(
                    "RUNSTATE", "The guest is '%s'; only a running guest is handed over.".formatted(status));
        }
        if (!live.facts().jobs().isEmpty()) {
            throw new NotAdoptable(
                    "JOB_ACTIVE",
                    "Block jobs are running: " + String.join(", ", live.facts().jobs()) + ".");
        }
        if (!live.exports().isEmpty()) {
            throw new NotAdoptable(
                    "JOB_ACTIVE", "Disks are exported to others: " + String.join(", ", live.exports()) + ".");
        }
        if (List.of("setup", "active", "pre-switchover", "device", "cancelling", "wait-unplug", "colo")
                .contains(live.migration())) {
            throw new NotAdoptable("JOB_ACTIVE", "A migration is under way.");
        }
        if (!live.blockers().isEmpty()) {
            throw new NotAdoptable("DEVICE_CLASS", "QEMU says: " + String.join("; ", live.blockers()));
        }
    }

    /** When a guest leaves, its QEMU opens each disk once more by the very name that it was given. */
    private static void requireDisks(LiveMachine live, Path meant, Path now) throws NotAdoptable {
        for (var node : live.facts().blockNodes()) {
            boolean relative = !node.file().isEmpty()
                    && !node.file().startsWith("/")
                    && !node.file().matches("(?s)[a-z][a-z0-9+.-]*:.*");
            if (relative && !node.readOnly() && !meant.equals(now)) {
                throw new NotAdoptable(
                        "DISK_NOT_REOPENABLE",
                        "Its QEMU made itself a daemon in %s, and would not find '%s', which lies in %s, when the guest leaves it."
                                .formatted(now, node.file(), meant));
            }
        }
    }

    /** As whoever the QEMU is now: one that gave its user up opens its disks again as that one, too. */
    private static void requireAccess(Foothold foothold, LiveMachine live, Path directory)
            throws IOException, NotAdoptable {
        var needs = new ArrayList<Foothold.Need>();
        for (var node : live.facts().blockNodes()) {
            Path file = directory.resolve(node.file());
            if (!node.file().isEmpty() && Files.exists(file) && !Files.isDirectory(file)) {
                needs.add(Foothold.reads(file));
                if (!node.readOnly()) {
                    needs.add(Foothold.writes(file));
                }
            }
        }
        Optional<Foothold.Need> missed = foothold.misses(needs);
        if (missed.isPresent()) {
            throw new NotAdoptable(
                    "DISK_NOT_REOPENABLE",
                    "Its QEMU acts as %s, who may not open %s again%s."
                            .formatted(
                                    foothold.user(),
                                    missed.get().path(),
                                    missed.get().how() == 'w' ? " to write" : ""));
        }
    }

    /** @return a file of its memory that its user may not open again, or empty */
    private static Optional<Path> closed(Foothold foothold, LiveMachine live, Path directory)
            throws IOException, NotAdoptable {
        var needs = new ArrayList<Foothold.Need>();
        for (var backend : live.facts().memory()) {
            if (!backend.path().isEmpty()) {
                needs.add(Foothold.writes(directory.resolve(backend.path())));
            }
        }
        return foothold.misses(needs).map(Foothold.Need::path);
    }

    private static void requireMethod(
            LiveMachine live, GuestMemory memory, Optional<Path> closed, AgentVm.Origin.Builder origin)
            throws NotAdoptable {
        String noCpr = "";
        if (!live.auxRamShare()) {
            noCpr = "It was started without aux-ram-share=on";
        } else if (!live.modes().contains("cpr-transfer")) {
            noCpr = "Its QEMU does not know cpr-transfer";
        }
        String noSharedRam = memory.named()
                ? closed.map("Its memory lies in %s, which its user may not open again"::formatted)
                        .orElse("")
                : "Its memory lies in a memfd, which no other process can open";
        if (!noCpr.isEmpty() && !noSharedRam.isEmpty()) {
            throw new NotAdoptable(
                    live.auxRamShare() ? "METHOD_NOT_POSSIBLE" : "AUX_RAM_NOT_SHARED",
                    noSharedRam + "; and it cannot be passed on either: " + noCpr + ".");
        }
        origin.setNoCprTransfer(noCpr).setNoSharedRam(noSharedRam);
    }

    private static VmSpec description(
            ProcessIdentity identity, QemuCommandLine commandLine, Derived derived, LiveMachine live)
            throws NotAdoptable {
        String name = OptionText.parse(commandLine.last("name"), "guest").get("guest", "");
        String given = commandLine.last("cpu").isEmpty() ? USUAL_CPU : commandLine.last("cpu");
        return VmSpec.newBuilder()
                .setId(id(name, identity.pid()))
                .setMachine(live.facts().machine())
                .setCpu(live.cpu().isEmpty() ? given : live.cpu())
                .setAccel(live.kvm() ? "kvm" : "tcg")
                .setVcpus(live.facts().vcpus())
                .setMemoryBytes(live.baseMemory())
                .setBoot(VmSpec.Boot.getDefaultInstance())
                .addAllExtraArguments(machine(derived))
                .build();
    }

    /** What makes it another machine than its neighbour, for whoever compares the two; where it is reached and what is secret is left out. */
    private static List<String> machine(Derived derived) throws NotAdoptable {
        var words = new ArrayList<>(List.of("qemu"));
        words.addAll(derived.bind(UNBOUND));
        var machine = new ArrayList<String>();
        for (Option option : QemuCommandLine.parse(words).options()) {
            boolean secret = option.name().equals("object")
                    && SECRETS.contains(
                            OptionText.parse(option.value(), "qom-type").get("qom-type", ""));
            if (NOT_OF_THE_MACHINE.contains(option.name()) || secret) {
                continue;
            }
            machine.add("-" + option.name());
            if (option.takesValue()) {
                machine.add(TOLD_TO_THE_GUEST.contains(option.name()) ? keys(option.value()) : option.value());
            }
        }
        return machine;
    }

    private static String keys(String value) {
        return value.replaceAll("=[^,]*(,,[^,]*)*", "=");
    }

    private static String id(String name, int pid) {
        String fit = name.replaceAll("[^a-zA-Z0-9._-]", "-").replaceAll("^[._-]+", "");
        return fit.isEmpty() ? "qemu-" + pid : fit.substring(0, Math.min(64, fit.length()));
    }
}
