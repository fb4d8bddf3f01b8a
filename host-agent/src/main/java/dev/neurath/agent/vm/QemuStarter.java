package dev.neurath.agent.vm;

import dev.neurath.agent.adopt.PrivateCopies;
import dev.neurath.agent.handover.AttemptPaths;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.handover.Trial;
import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessLauncher;
import dev.neurath.agent.qemu.QemuAbilities;
import dev.neurath.agent.qemu.QemuArgv;
import dev.neurath.agent.qemu.QemuBinary;
import dev.neurath.agent.qemu.QemuOutput;
import dev.neurath.agent.qemu.RamFile;
import dev.neurath.agent.qemu.ThrowAwayArgv;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Role;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts QEMUs from registered releases: a VM's first, and the second beside it. Every path that others may hold open is bound under a shadow name by the
 * second, so that the first keeps its own until the guest has moved.
 */
public final class QemuStarter implements Trial.Launcher {
    private static final String DOOR = ".qmp";
    private static final int UNREGISTERED_DIGITS = 12;

    private final ReleaseShelf shelf;
    private final QemuBinary binaries;
    private final AgentDirectories directories;
    private final BesideAdopted adopted;

    public QemuStarter(ReleaseShelf shelf, QemuBinary binaries, AgentDirectories directories) {
        this.shelf = shelf;
        this.binaries = binaries;
        this.directories = directories;
        this.adopted = new BesideAdopted(directories);
    }

    /** What a VM's first start needs to have decided before anything is started, and whoever finds it half-started needs to know. */
    AgentVm draft(VmSpec spec, long generation, String nonce) throws Refused {
        AttemptPaths paths = AttemptPaths.ofTag(directories.run(), spec.id() + "." + generation + "." + nonce);
        String door = door(spec.id()).toString();
        return AgentVm.newBuilder()
                .setSpec(VmCodec.encode(spec))
                .setStartedBy(generation)
                .setRevision(VmCodec.encode(revision(spec.release())))
                .setTag(paths.tag())
                .setControl(paths.control().toString())
                .setRamFile(directories
                        .ram()
                        .resolve(spec.id() + "." + generation + ".ram")
                        .toString())
                .addPublicPaths(AgentVm.PublicPath.newBuilder().setPublic(door).setBound(door))
                .build();
    }

    /** Makes the RAM file and starts the VM's first QEMU; the caller has written the draft down. */
    ProcessIdentity start(AgentVm vm) throws IOException, Refused {
        VmSpec spec = VmCodec.decode(vm.getSpec());
        ExtraArguments.check(spec.extraArguments());
        requireNoTap(spec);
        ReleaseManifest release = verified(revisionOf(vm));
        QemuAbilities abilities = abilities(release, spec);
        Path ramFile = Path.of(vm.getRamFile());
        try {
            RamFile.create(ramFile, spec.memoryBytes());
        } catch (RamFile.TooSmall e) {
            throw new Refused("NO_ROOM_FOR_MEMORY", String.valueOf(e.getMessage()));
        }
        var argv =
                new ArrayList<>(new QemuArgv(release, abilities, spec, ramFile).firstStart(Path.of(vm.getControl())));
        argv.addAll(doorArguments(door(spec.id())));
        Files.deleteIfExists(door(spec.id()));
        return launch(release, argv, spec.id(), vm.getTag());
    }

    @Override
    public ProcessIdentity launch(Trial trial, HoldPoints holds) throws IOException, Refused {
        VmSpec spec = VmCodec.decode(trial.record().getSpec());
        ReleaseManifest release = verified(trial.to());
        QemuAbilities abilities = abilities(release, spec);
        // A rehearsal stops the guest, which is for nothing where its hand-over cannot follow.
        if (trial.record().hasOrigin()) {
            BesideAdopted.requireMethod(trial, abilities);
        } else {
            requireMethod(trial, spec, abilities);
        }
        if (trial.role() == Role.REHEARSAL) {
            return launchThrowAway(trial, release, abilities, spec, holds);
        }
        if (trial.record().hasOrigin()) {
            return adopted.launch(trial, holds, release);
        }
        var argv = new ArrayList<>(
                new QemuArgv(release, abilities, spec, Path.of(trial.record().getRamFile()))
                        .incoming(trial.paths().control(), incoming(trial)));
        argv.addAll(doorArguments(shadow(door(spec.id()), trial.attempt().generation())));
        return launch(
                release,
                holds.argv(spec.id(), trial.attempt().generation(), argv),
                spec.id(),
                trial.paths().tag());
    }

    /**
     * The guest's memory is mapped copied on write; nothing else of the VM's is reached. What it loads was written by the VM's QEMU, so it may do no more than
     * that one may.
     */
    private ProcessIdentity launchThrowAway(
            Trial trial, ReleaseManifest release, QemuAbilities abilities, VmSpec spec, HoldPoints holds)
            throws IOException, Refused {
        AgentVm vm = trial.record();
        Path control = trial.paths().control();
        Path ram = Path.of(vm.getRamFile());
        List<String> own = vm.hasOrigin()
                ? BesideAdopted.machine(vm, release)
                : new QemuArgv(release, abilities, spec, ram).firstStart(control);
        ThrowAwayArgv.StandIns standIns =
                vm.hasOrigin() ? new PrivateCopies(!vm.getOrigin().hasUser()) : new ThrowAwayArgv.Memory(ram, false);
        var argv = new ArrayList<>(ThrowAwayArgv.of(own, release.argvPrefix().size(), standIns, control));
        argv.addAll(List.of("-S", "-incoming", "defer"));
        List<String> words = vm.getOrigin().hasUser() ? adopted.asItsUser(trial, release) : List.of();
        argv.addAll(0, words);
        return launch(
                release,
                holds.argv(spec.id(), trial.attempt().generation(), argv),
                spec.id(),
                trial.paths().tag());
    }

    @Override
    public void built(Trial trial) {
        adopted.built(trial);
    }

    @Override
    public void takenBack(Trial trial) {
        adopted.takenBack(trial);
    }

    @Override
    public String complaint(Trial trial) throws IOException {
        return QemuOutput.complaint(directories.logs().resolve(trial.paths().tag() + ".log"));
    }

    private static void requireNoTap(VmSpec spec) throws Refused {
        for (VmSpec.Nic nic : spec.nics()) {
            if (nic.tap() != null) {
                throw new Refused(
                        "TAP_NOT_POSSIBLE",
                        "nics: '%s' is to be on tap device %s, and this agent cannot carry a tap device over yet."
                                .formatted(nic.id(), nic.tap()));
            }
        }
    }

    private void requireMethod(Trial trial, VmSpec spec, QemuAbilities to) throws IOException, Refused {
        if (trial.attempt().method() != Method.CPR_TRANSFER) {
            return;
        }
        QemuAbilities from = abilities(
                shelf.verified(new ReleaseId(trial.record().getRevision().getRelease())), spec);
        if (!from.cprTransfer() || !to.cprTransfer() || !from.auxRamShare() || !to.auxRamShare()) {
            throw new Refused(
                    "METHOD_NOT_POSSIBLE",
                    "cpr-transfer is not known to %s."
                            .formatted(
                                    from.cprTransfer() && from.auxRamShare()
                                            ? "release " + trial.attempt().release()
                                            : "the running QEMU"));
        }
    }

    static QemuArgv.Incoming incoming(Trial trial) {
        return switch (trial.attempt().method()) {
            case CPR_TRANSFER -> new QemuArgv.Incoming.CprTransfer(trial.paths().channel());
            case SHARED_RAM -> new QemuArgv.Incoming.SharedRam();
        };
    }

    /** @throws Refused if this binary does not know the VM's machine type */
    private QemuAbilities abilities(ReleaseManifest release, VmSpec spec) throws IOException, Refused {
        QemuAbilities abilities = binaries.abilities(release, spec.machine());
        if (abilities.aliases().containsKey(spec.machine())) {
            throw new Refused(
                    "MACHINE_TYPE_ALIAS",
                    "Machine type %s means %s in release %s and something else in the next; name the versioned type."
                            .formatted(spec.machine(), abilities.aliases().get(spec.machine()), release.id()));
        }
        if (!abilities.machines().contains(spec.machine())) {
            throw new Refused(
                    "MACHINE_TYPE_UNKNOWN",
                    "Release %s does not know machine type %s.".formatted(release.id(), spec.machine()));
        }
        return abilities;
    }

    /** Public path to the name under which the QEMU started by {@code generation} bound it. */
    static Map<String, String> shadows(AgentVm vm, Generation generation) {
        var shadows = new LinkedHashMap<String, String>();
        for (AgentVm.PublicPath path : vm.getPublicPathsList()) {
            shadows.put(
                    path.getPublic(),
                    shadow(Path.of(path.getPublic()), generation).toString());
        }
        return shadows;
    }

    /** The owner's QMP socket of a VM. */
    Path door(VmId vm) {
        return directories.doors().resolve(vm + DOOR);
    }

    static Path shadow(Path path, Generation generation) {
        return path.resolveSibling("." + path.getFileName() + "." + generation);
    }

    private static List<String> doorArguments(Path door) {
        String path = door.toString().replace(",", ",,");
        return List.of(
                "-chardev",
                "socket,id=neurath-door,path=" + path + ",server=on,wait=off",
                "-mon",
                "chardev=neurath-door,mode=control");
    }

    private ProcessIdentity launch(ReleaseManifest release, List<String> argv, VmId vm, String tag) throws IOException {
        return ProcessLauncher.start(new ProcessLauncher.Launch(
                argv,
                release.environment(),
                directories.logs(),
                directories.logs().resolve(tag + ".log"),
                List.of(),
                ControlGroup.create(directories.groupPrefix() + vm),
                tag));
    }

    /** What the release says of a process started from it. */
    Revision revision(ReleaseId id) throws Refused {
        return revision(id, shelf.get(id));
    }

    private static Revision revision(ReleaseId id, ReleaseManifest release) {
        return new Revision(id, release.version(), ReleaseShelf.binarySha256(release));
    }

    /** What is started is what was written down before: nobody will look again whether it is. */
    private ReleaseManifest verified(Revision decided) throws Refused, IOException {
        ReleaseManifest release = shelf.verified(decided.release());
        if (!revision(decided.release(), release).equals(decided)) {
            throw new Refused(
                    "RELEASE_CHANGED",
                    "Release %s was registered anew while it was being started.".formatted(decided.release()));
        }
        return release;
    }

    /** Of a program that somebody else started: the registered release that it belongs to, or a name that says that there is none. */
    Revision revisionOf(String sha256, String version) {
        ReleaseId release = shelf.ofBinary(sha256)
                .orElseGet(() -> new ReleaseId("unregistered-" + sha256.substring(0, UNREGISTERED_DIGITS)));
        return new Revision(release, version, sha256);
    }

    static Revision revisionOf(AgentVm vm) {
        return VmCodec.decode(vm.getRevision());
    }
}
