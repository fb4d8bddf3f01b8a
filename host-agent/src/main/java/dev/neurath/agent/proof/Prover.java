package dev.neurath.agent.proof;

import dev.neurath.agent.handover.AttemptPaths;
import dev.neurath.agent.handover.CloneRun;
import dev.neurath.agent.proof.ThrowAways.ThrowAway;
import dev.neurath.agent.qemu.QemuAbilities;
import dev.neurath.agent.qemu.QemuArgv;
import dev.neurath.agent.qemu.QemuBinary;
import dev.neurath.agent.qemu.SchemaShelf;
import dev.neurath.agent.qemu.ThrowAwayArgv;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.handover.Input;
import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Judgement;
import dev.neurath.model.proof.Probe;
import dev.neurath.model.proof.Verdict;
import dev.neurath.model.schema.Difference;
import dev.neurath.model.schema.SchemaComparison;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tries for one kind of machine whether it gets from one release to another: compares what both say of its devices' state, then hands it over without a guest by
 * each method, and takes it back.
 *
 * <p>It tests what the one release would build today. A guest that was started by a third may be in a state that differs.
 */
public final class Prover implements ProofDesk.Tries {
    /** Measured: 53 to 114 ms. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    static final String SCHEMA_DIFFERS = "DEVICE_STATE_INCOMPATIBLE";

    private final QemuBinary binaries;
    private final SchemaShelf schemas;
    private final ThrowAways throwAways;

    public Prover(QemuBinary binaries, SchemaShelf schemas, ThrowAways throwAways) {
        this.binaries = binaries;
        this.schemas = schemas;
        this.throwAways = throwAways;
    }

    /** The releases' files were verified. */
    @Override
    public List<Finding> prove(VmSpec vm, ProofDesk.Words words, List<ReleaseManifest> way)
            throws IOException, InterruptedException {
        for (ReleaseManifest release : way) {
            if (!binaries.abilities(release, vm.machine()).machines().contains(vm.machine())) {
                return List.of(new Finding(
                        Probe.CLONE,
                        null,
                        Verdict.WONT,
                        "MACHINE_TYPE_UNKNOWN",
                        "release %s does not know machine type %s".formatted(release.id(), vm.machine())));
            }
        }
        Path memory = throwAways.newMemory(vm.memoryBytes());
        try {
            return new Run(vm, words, way, memory).findings();
        } catch (ThrowAwayArgv.NotPossible e) {
            return List.of(new Finding(
                    Probe.CLONE, null, Verdict.INCONCLUSIVE, "CLONE_NOT_POSSIBLE", String.valueOf(e.getMessage())));
        } finally {
            Files.deleteIfExists(memory);
        }
    }

    /** One machine's way from one release to the other. */
    private final class Run {
        private final VmSpec vm;
        private final ProofDesk.Words words;
        private final List<ReleaseManifest> way;
        private final ReleaseManifest from;
        private final ReleaseManifest to;
        private final Path memory;
        private final List<Finding> findings = new ArrayList<>();

        Run(VmSpec vm, ProofDesk.Words words, List<ReleaseManifest> way, Path memory) {
            this.vm = vm;
            this.words = words;
            this.way = way;
            this.from = way.getFirst();
            this.to = way.getLast();
            this.memory = memory;
        }

        List<Finding> findings() throws IOException, InterruptedException {
            words.impossible()
                    .forEach((method, why) ->
                            findings.add(new Finding(Probe.CLONE, method, Verdict.WONT, "METHOD_NOT_POSSIBLE", why)));
            boolean byFile = !words.impossible().containsKey(Method.SHARED_RAM);
            if (way.size() > 2) {
                if (byFile) {
                    goAndComeBack();
                }
                return findings;
            }
            try (ThrowAway source = start(from, null)) {
                connect(source);
                compareSchemas(DeviceClasses.of(source.side()));
                try (ThrowAway target = start(to, Method.SHARED_RAM)) {
                    if (clone(Probe.CLONE, Method.SHARED_RAM, source, target) && byFile) {
                        try (ThrowAway again = start(from, Method.SHARED_RAM)) {
                            clone(Probe.CLONE_BACK, Method.SHARED_RAM, target, again);
                        }
                    }
                }
            }
            if (!words.impossible().containsKey(Method.CPR_TRANSFER)) {
                channel(!byFile);
            }
            return findings;
        }

        /** One and the same machine all the way: what the first release built is what each of the others has to take. */
        private void goAndComeBack() throws IOException, InterruptedException {
            ThrowAway at = start(from, null);
            try {
                connect(at);
                List<ReleaseManifest> back = way.reversed();
                for (Probe probe : List.of(Probe.CLONE, Probe.CLONE_BACK)) {
                    for (ReleaseManifest next : (probe == Probe.CLONE ? way : back).subList(1, way.size())) {
                        ThrowAway target = start(next, Method.SHARED_RAM);
                        try {
                            Optional<String> refused = refused(Method.SHARED_RAM, at, target);
                            if (refused.isPresent()) {
                                wont(probe, Method.SHARED_RAM, "at release %s: %s".formatted(next.id(), refused.get()));
                                return;
                            }
                        } finally {
                            ThrowAway behind = at;
                            at = target;
                            behind.close();
                        }
                    }
                    findings.add(new Finding(probe, Method.SHARED_RAM, Verdict.WILL, "", ""));
                }
            } finally {
                at.close();
            }
        }

        /** @param back whether it is the only way back, too: what has another comes back by that */
        private void channel(boolean back) throws IOException, InterruptedException {
            for (ReleaseManifest release : List.of(from, to)) {
                QemuAbilities abilities = binaries.abilities(release, vm.machine());
                if (!abilities.cprTransfer() || !abilities.auxRamShare()) {
                    findings.add(new Finding(
                            Probe.CLONE,
                            Method.CPR_TRANSFER,
                            Verdict.WONT,
                            "METHOD_NOT_POSSIBLE",
                            "release %s does not know cpr-transfer".formatted(release.id())));
                    return;
                }
            }
            try (ThrowAway source = start(from, null);
                    ThrowAway target = start(to, Method.CPR_TRANSFER)) {
                connect(source);
                if (clone(Probe.CLONE, Method.CPR_TRANSFER, source, target) && back) {
                    try (ThrowAway again = start(from, Method.CPR_TRANSFER)) {
                        clone(Probe.CLONE_BACK, Method.CPR_TRANSFER, target, again);
                    }
                }
            }
        }

        private void compareSchemas(Set<String> classes) throws IOException {
            List<Difference> differences =
                    SchemaComparison.of(schemas.of(from, vm.machine()), schemas.of(to, vm.machine()), classes);
            boolean certain = differences.stream().anyMatch(Difference::certain);
            String evidence = differences.stream()
                    .filter(difference -> difference.certain() == certain)
                    .limit(3)
                    .map(Difference::toString)
                    .collect(Collectors.joining("; "));
            if (certain) {
                findings.add(new Finding(Probe.SCHEMA, null, Verdict.WONT, SCHEMA_DIFFERS, evidence));
            } else if (differences.isEmpty()) {
                findings.add(new Finding(Probe.SCHEMA, null, Verdict.WILL, "", ""));
            } else {
                findings.add(new Finding(Probe.SCHEMA, null, Verdict.INCONCLUSIVE, "", evidence));
            }
        }

        private boolean clone(Probe probe, Method method, ThrowAway source, ThrowAway target)
                throws IOException, InterruptedException {
            Optional<String> refused = refused(method, source, target);
            if (refused.isPresent()) {
                wont(probe, method, refused.get());
                return false;
            }
            findings.add(new Finding(probe, method, Verdict.WILL, "", ""));
            return true;
        }

        private void wont(Probe probe, Method method, String evidence) {
            findings.add(new Finding(probe, method, Verdict.WONT, Judgement.CLONE_REFUSED, evidence));
        }

        /** @return why {@code target} did not take the machine, or empty */
        private Optional<String> refused(Method method, ThrowAway source, ThrowAway target)
                throws IOException, InterruptedException {
            Optional<Input.Failed> failure;
            try {
                failure = CloneRun.run(source.side(), target.side(), method, target.paths(), LIMIT);
            } catch (IOException e) {
                if (target.side().alive()) {
                    throw e;
                }
                failure = Optional.of(new Input.Failed("NEW_DIED", String.valueOf(e.getMessage())));
            }
            return failure.isEmpty() ? Optional.empty() : Optional.of(refusal(failure.get(), source, target));
        }

        /**
         * What is found out here holds for a whole fleet and is never asked again. So a "no" has to have been said: whoever was killed for want of memory, or
         * was too slow on a busy host, said nothing.
         */
        private String refusal(Input.Failed failed, ThrowAway source, ThrowAway target) throws IOException {
            String complaint = target.complaint();
            boolean said = switch (failed.code()) {
                case "NEW_REFUSED_STATE" -> true;
                case "QMP_REFUSED", "TRANSFER_FAILED" -> target.side().alive() || !complaint.isEmpty();
                case "NEW_DIED" -> !complaint.isEmpty();
                default -> false;
            };
            if (!said) {
                throw new IOException("nobody refused it, and it failed: " + failed.sentence());
            }
            String evidence = complaint.isEmpty() ? source.complaint() : complaint;
            return evidence.isEmpty() ? failed.sentence() : evidence;
        }

        private void connect(ThrowAway started) throws IOException, InterruptedException {
            try {
                started.side().connectWhileAlive(LIMIT);
            } catch (IOException e) {
                throw new IOException("a machine like it cannot be started: " + started.complaint(), e);
            }
        }

        /** @param incoming how it is to receive the machine; null = it is the one that is handed over */
        private ThrowAway start(ReleaseManifest release, @Nullable Method incoming) throws IOException {
            AttemptPaths paths = throwAways.newPaths();
            var argv = new ArrayList<>(argv(release, paths));
            argv.add("-S");
            if (incoming != null) {
                argv.addAll(List.of("-incoming", "defer"));
            }
            if (incoming == Method.CPR_TRANSFER) {
                argv.addAll(List.of("-incoming", QemuArgv.cprChannel(paths.channel())));
            }
            return throwAways.start(release, argv, paths);
        }

        private List<String> argv(ReleaseManifest release, AttemptPaths paths) throws IOException {
            Optional<List<String>> told = words.in(release);
            List<String> own = told.isPresent()
                    ? told.get()
                    : new QemuArgv(release, binaries.abilities(release, vm.machine()), vm, memory)
                            .firstStart(paths.control());
            return ThrowAwayArgv.of(
                    own, release.argvPrefix().size(), new ThrowAwayArgv.Memory(memory, true), paths.control());
        }
    }
}
