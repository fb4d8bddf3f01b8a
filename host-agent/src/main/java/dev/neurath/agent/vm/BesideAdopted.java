package dev.neurath.agent.vm;

import dev.neurath.agent.adopt.CarriedFds;
import dev.neurath.agent.adopt.Derivation;
import dev.neurath.agent.adopt.Derived;
import dev.neurath.agent.adopt.Foothold;
import dev.neurath.agent.adopt.Frame;
import dev.neurath.agent.adopt.NotAdoptable;
import dev.neurath.agent.adopt.QemuCommandLine;
import dev.neurath.agent.adopt.TapHeaders;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.handover.Trial;
import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessLauncher;
import dev.neurath.agent.qemu.QemuAbilities;
import dev.neurath.agent.qemu.QemuArgv;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.vm.Method;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the second QEMU beside one that somebody else had started: the same command line as {@link Derivation} makes it, in the same surroundings. It
 * keeps what only the first may have (names, standard input) out of the second's reach until the guest has moved.
 */
final class BesideAdopted {
    private static final Logger LOG = LoggerFactory.getLogger(BesideAdopted.class);
    /** A frame comes at any time, and one that is read in the wrong place is lost. */
    private static final long LOOK_NANOS = 200_000;

    private static final int LOOKS_PER_SIGN_OF_LIFE = 50;
    /** Longer than a QEMU may take to be built. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static final Derived.Binding AS_IT_IS = new Derived.Binding() {
        @Override
        public String bound(String publicPath) {
            return publicPath;
        }

        @Override
        public int fd(int index) {
            return QemuArgv.FIRST_PASSED_FD + index;
        }
    };

    private final AgentDirectories directories;
    /** Tags of the attempts whose new QEMU is being built. */
    private final Set<String> building = ConcurrentHashMap.newKeySet();

    BesideAdopted(AgentDirectories directories) {
        this.directories = directories;
    }

    ProcessIdentity launch(Trial trial, HoldPoints holds, ReleaseManifest release) throws IOException, Refused {
        int pid = trial.record().getProcess().getPid();
        try (CarriedFds fds = new CarriedFds(Incumbent.identity(trial.record()))) {
            Derived derived = derived(trial.record());
            List<Integer> passed = copies(fds, trial.record(), derived);
            var argv = new ArrayList<>(release.argvPrefix());
            argv.addAll(derived.bind(new Shadows(trial)));
            argv.addAll(QemuArgv.control(trial.paths().control()));
            argv.addAll(QemuArgv.receiving(QemuStarter.incoming(trial)));
            Foothold foothold = Foothold.of(pid);
            requireReach(trial, foothold, release);
            var words = new ArrayList<>(foothold.words());
            words.addAll(holds.argv(trial.vm(), trial.attempt().generation(), argv));
            if (!passed.isEmpty()) {
                keepNetworks(trial, derived, TapHeaders.of(passed));
            }
            return ProcessLauncher.start(new ProcessLauncher.Launch(
                    words,
                    release.environment(),
                    directories.logs(),
                    derived.ownOutput()
                            ? Path.of("/proc", Integer.toString(pid), "fd/1")
                            : directories.logs().resolve(trial.paths().tag() + ".log"),
                    passed,
                    new ControlGroup(foothold.groups(), "the same as before"),
                    trial.paths().tag()));
        } catch (NotAdoptable e) {
            throw new Refused(e.code(), e.sentence());
        }
    }

    /** What to put before the words of a throw-away. */
    List<String> asItsUser(Trial trial, ReleaseManifest release) throws IOException, Refused {
        try {
            Foothold foothold = Foothold.of(trial.record().getProcess().getPid());
            requireReach(trial, foothold, release);
            return foothold.words();
        } catch (NotAdoptable e) {
            throw new Refused(e.code(), e.sentence());
        }
    }

    /**
     * One that acts as another user opens the release's files as that one.
     *
     * @throws NotAdoptable if it could not have its sockets where the agent looks for them
     */
    private void requireReach(Trial trial, Foothold foothold, ReleaseManifest release)
            throws IOException, NotAdoptable, Refused {
        if (trial.record().getOrigin().hasUser()) {
            requireSockets(
                    foothold, directories.openTo(trial.record().getOrigin().getUser()));
        }
        var needs = new ArrayList<Foothold.Need>();
        needs.add(Foothold.enters(Path.of(release.argvPrefix().getFirst())));
        release.files().forEach(file -> needs.add(Foothold.reads(Path.of(file.path()))));
        Optional<Foothold.Need> missed = foothold.misses(needs);
        if (missed.isPresent()) {
            throw new Refused(
                    "RELEASE_OUT_OF_REACH",
                    "The VM's QEMU acts as %s, who cannot open %s of release %s: it and the directories above it have to be open to that user."
                            .formatted(foothold.user(), missed.get().path(), release.id()));
        }
    }

    /** Before the VM is adopted, and again before each start: directories above may have been closed meanwhile. */
    static void requireSockets(Foothold foothold, Path directory) throws IOException, NotAdoptable {
        if (foothold.misses(List.of(Foothold.enters(directory), Foothold.writes(directory)))
                .isPresent()) {
            throw new NotAdoptable(
                    "SURROUNDINGS",
                    "Its QEMU acts as %s, who cannot reach %s, where its sockets would be: every directory above has to let others pass (chmod o+x)."
                            .formatted(foothold.user(), directory));
        }
    }

    private static List<Integer> copies(CarriedFds fds, AgentVm vm, Derived derived) throws IOException, NotAdoptable {
        return Incumbent.borrowed(vm)
                ? fds.first(derived.carried())
                : fds.again(derived.carried(), QemuArgv.FIRST_PASSED_FD);
    }

    /** Until the new QEMU is built the running one's networks are put right whenever the new one has changed them. */
    private void keepNetworks(Trial trial, Derived derived, TapHeaders headers) throws IOException {
        headers.write(networks(trial));
        String tag = trial.paths().tag();
        building.add(tag);
        Thread.ofPlatform()
                .daemon()
                .name("networks-" + trial.vm())
                .start(() -> lookAfterNetworks(trial, derived, headers));
    }

    private void lookAfterNetworks(Trial trial, Derived derived, TapHeaders headers) {
        String tag = trial.paths().tag();
        ProcessIdentity incumbent = Incumbent.identity(trial.record());
        long end = System.nanoTime() + LONGEST.toNanos();
        try (var fds = new CarriedFds(incumbent)) {
            List<Integer> taps = copies(fds, trial.record(), derived);
            TapHeaders kept = headers;
            // A copy of a dead VM's tap would keep it from whoever starts the VM again.
            for (int look = 1; building.contains(tag) && System.nanoTime() - end < 0; look++) {
                if (look % LOOKS_PER_SIGN_OF_LIFE == 0 && !incumbent.isPresent()) {
                    return;
                }
                TapHeaders now = kept.kept(taps);
                if (!now.equals(kept)) {
                    now.write(networks(trial));
                    kept = now;
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        } catch (IOException | NotAdoptable | RuntimeException e) {
            LOG.warn("VM {}: its networks are not looked after while its new QEMU is built", trial.vm(), e);
        }
    }

    /** What the running QEMU's networks were like, as long as that may have to be put back; among the agent's own files, for its user may not change it. */
    private Path networks(Trial trial) {
        return directories.run().resolve(trial.paths().tag() + ".n");
    }

    /** From here on only the guest changes its networks, until the new QEMU takes over what it has chosen. */
    void built(Trial trial) {
        building.remove(trial.paths().tag());
        try {
            Files.deleteIfExists(networks(trial));
        } catch (IOException e) {
            LOG.warn("VM {}: {} stays", trial.vm(), networks(trial), e);
        }
    }

    /** Of one that was not built to its end. Whatever goes wrong here keeps no guest waiting. */
    void takenBack(Trial trial) {
        building.remove(trial.paths().tag());
        try (var fds = new CarriedFds(Incumbent.identity(trial.record()))) {
            TapHeaders headers = TapHeaders.written(networks(trial));
            if (!headers.bytes().isEmpty()) {
                var unused = headers.kept(copies(fds, trial.record(), derived(trial.record())));
                Files.deleteIfExists(networks(trial));
            }
        } catch (IOException | NotAdoptable | RuntimeException e) {
            LOG.warn("VM {}: its networks are not put back, unless it has ended", trial.vm(), e);
        }
    }

    private static Derived derived(AgentVm vm) throws IOException, NotAdoptable {
        AgentVm.Origin origin = vm.getOrigin();
        Frame frame = Frame.of(
                vm.getProcess().getPid(), Path.of(origin.getDirectory()), origin.getMachine(), origin.getCpu());
        return Derivation.derive(QemuCommandLine.parse(origin.getArgvList()), frame);
    }

    /**
     * The machine in a release's words, with every name as it is: nothing may be started by it.
     *
     * @throws IOException if it cannot be built any more
     */
    static List<String> machine(AgentVm vm, ReleaseManifest release) throws IOException {
        try {
            var argv = new ArrayList<>(release.argvPrefix());
            argv.addAll(derived(vm).bind(AS_IT_IS));
            return argv;
        } catch (NotAdoptable e) {
            throw new IOException(e.sentence(), e);
        }
    }

    /** @throws Refused if the attempt's method is none for how the VM was started, or for the release */
    static void requireMethod(Trial trial, QemuAbilities to) throws Refused {
        AgentVm.Origin origin = trial.record().getOrigin();
        String why = switch (trial.attempt().method()) {
            case CPR_TRANSFER -> origin.getNoCprTransfer();
            case SHARED_RAM -> origin.getNoSharedRam();
        };
        boolean unknown = trial.attempt().method() == Method.CPR_TRANSFER && !(to.cprTransfer() && to.auxRamShare());
        if (!why.isEmpty() || unknown) {
            throw new Refused(
                    "METHOD_NOT_POSSIBLE",
                    why.isEmpty()
                            ? "Release %s does not know cpr-transfer."
                                    .formatted(trial.attempt().release())
                            : why + ".");
        }
    }

    private record Shadows(Trial trial) implements Derived.Binding {
        @Override
        public String bound(String publicPath) {
            return QemuStarter.shadow(Path.of(publicPath), trial.attempt().generation())
                    .toString();
        }

        @Override
        public int fd(int index) {
            return QemuArgv.FIRST_PASSED_FD + index;
        }
    }
}
