package dev.neurath.agent.handover;

import dev.neurath.agent.adopt.Adoptable;
import dev.neurath.agent.adopt.AdoptedChecks;
import dev.neurath.agent.adopt.GuestMemory;
import dev.neurath.agent.adopt.NotAdoptable;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qemu.QemuGraph;
import dev.neurath.agent.qmp.QmpConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What is checked before a guest may be stopped: old is what the plan was made for and what was started, new is the same machine over the same RAM, and
 * nothing happened to the guest in between. Every failed check is a refusal; the guest runs on.
 */
final class Checks {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private QemuFacts before = QemuGraph.EMPTY;
    private long changes;
    private long connections;

    /** P3. */
    void old(Trial trial, QemuSide old) throws IOException, InterruptedException, Trial.Refused {
        if (!old.alive()) {
            throw new Trial.Refused("OLD_GONE", "The VM's QEMU is not there any more.");
        }
        QmpConnection connection = old.connect(LIMIT);
        // Before it is read, and only here: from now on any change of the guest's state voids what is checked.
        changes = old.changes();
        connections = old.connections();
        QemuFacts facts = seen(trial, QemuGraph.read(connection, LIMIT));
        require(
                facts.version().equals(trial.attempt().fromVersion()),
                "STALE_PLAN",
                "The running QEMU says it is %s, and the plan was made for %s."
                        .formatted(facts.version(), trial.attempt().fromVersion()));
        require(
                facts.status().equals("running"),
                "RUNSTATE",
                "The guest is '%s'; only a running guest is handed over.".formatted(facts.status()));
        require(
                facts.jobs().isEmpty(),
                "JOB_ACTIVE",
                "Block jobs are running: " + String.join(", ", facts.jobs()) + ".");
        Optional<String> difference =
                QemuGraph.changed(trial.record().getGraph(), trial.record().getPlaces(), facts);
        if (difference.isPresent()) {
            throw new Trial.Refused(
                    "ARGV_STALE", "The running machine is not the one that was started: " + difference.get());
        }
        before = facts;
    }

    /** P5. */
    void fresh(Trial trial, QemuSide old, QemuSide fresh) throws IOException, InterruptedException, Trial.Refused {
        QemuFacts facts = seen(trial, QemuGraph.read(fresh.connect(LIMIT), LIMIT));
        String version = trial.to().version();
        require(
                facts.version().equals(version),
                "RELEASE_VERSION",
                "The new QEMU says it is %s, and its release says %s.".formatted(facts.version(), version));
        Optional<String> difference = QemuGraph.difference(QemuGraph.canonical(before), QemuGraph.canonical(facts));
        if (difference.isPresent()) {
            throw new Trial.Refused("MACHINE_DIFFERS", "The new QEMU has built another machine: " + difference.get());
        }
        if (trial.record().hasOrigin()) {
            sameAsAdopted(trial, facts, old, fresh);
        } else {
            requireShared(memory(trial, old), old, fresh);
        }
    }

    /** What is to be compared of one QEMU's words with another's. */
    private static QemuFacts seen(Trial trial, QemuFacts facts) {
        return trial.record().hasOrigin()
                ? Adoptable.seen(facts, Path.of(trial.record().getOrigin().getDirectory()))
                : facts;
    }

    private static void sameAsAdopted(Trial trial, QemuFacts facts, QemuSide old, QemuSide fresh)
            throws IOException, InterruptedException, Trial.Refused {
        try {
            AdoptedChecks.same(
                    old.identity().pid(),
                    old.connect(LIMIT),
                    fresh.identity().pid(),
                    fresh.connect(LIMIT),
                    facts,
                    Path.of(trial.record().getOrigin().getDirectory()));
        } catch (NotAdoptable e) {
            throw new Trial.Refused(e.code(), e.sentence());
        }
    }

    /** A throw-away: the same devices, and the guest's memory in copies of its own, seen before the guest is stopped. */
    void throwAway(Trial trial, QemuSide old, QemuSide fresh) throws IOException, InterruptedException, Trial.Refused {
        QemuFacts facts = QemuGraph.read(fresh.connect(LIMIT), LIMIT);
        boolean same = facts.machine().equals(before.machine())
                && facts.vcpus() == before.vcpus()
                && facts.pci().equals(before.pci())
                && facts.peripherals().equals(before.peripherals())
                && facts.places().equals(before.places());
        if (!facts.version().equals(trial.to().version()) || !same) {
            throw Rehearsal.inconclusive("The throw-away has built another machine.");
        }
        GuestMemory memory = memory(trial, old);
        requireShared(memory, old);
        if (!memory.copiedBy(fresh.identity().pid())) {
            throw Rehearsal.inconclusive("The throw-away's memory is not seen to be a private copy of the guest's.");
        }
    }

    private static void requireShared(GuestMemory memory, QemuSide... sides) throws IOException, Trial.Refused {
        for (QemuSide side : sides) {
            require(
                    memory.sharedWith(side.identity().pid()),
                    "MEMORY_NOT_SHARED",
                    "Process %d does not map the guest's memory shared."
                            .formatted(side.identity().pid()));
        }
    }

    private GuestMemory memory(Trial trial, QemuSide old) throws IOException, Trial.Refused {
        if (!trial.record().hasOrigin()) {
            return new GuestMemory(Set.of(FileIdentity.of(Path.of(trial.record().getRamFile()))), true);
        }
        try {
            return GuestMemory.of(
                    old.identity().pid(),
                    before,
                    0,
                    Path.of(trial.record().getOrigin().getDirectory()));
        } catch (NotAdoptable e) {
            throw new Trial.Refused(e.code(), e.sentence());
        }
    }

    /** S1. A snapshot or a hot-plugged device is told by no event, so the machine is read again; the guest runs. */
    void sameAsBefore(Trial trial, QemuSide old) throws IOException, InterruptedException, Trial.Refused {
        unchanged(old);
        QemuFacts facts = seen(trial, QemuGraph.read(old.connect(LIMIT), LIMIT));
        Optional<String> difference = QemuGraph.difference(QemuGraph.canonical(before), QemuGraph.canonical(facts));
        if (difference.isPresent()) {
            throw new Trial.Refused(
                    "GUEST_CHANGED", "The running machine was changed since it was checked: " + difference.get());
        }
        require(
                facts.jobs().isEmpty(),
                "JOB_ACTIVE",
                "Block jobs are running: " + String.join(", ", facts.jobs()) + ".");
    }

    /** S1 and S2. */
    void unchanged(QemuSide old) throws InterruptedException, Trial.Refused {
        // Asked first: what QEMU had announced before its answer is counted when the answer is here.
        var words = old.ask(QemuSide.QUERY_LIMIT);
        require(
                old.unbroken() && old.connections() == connections,
                "OLD_NOT_HEARD",
                "The connection to the running QEMU broke since the guest was checked: what happened meanwhile is not known.");
        require(
                old.changes() == changes,
                "GUEST_CHANGED",
                "The guest was stopped, reset or changed since it was checked.");
        boolean running = words.isPresent() && words.get().runState().equals("running");
        require(
                running,
                "RUNSTATE",
                "The guest is '%s' and not running."
                        .formatted(words.map(QemuSide.Words::runState).orElse("not answering")));
    }

    private static void require(boolean holds, String code, String sentence) throws Trial.Refused {
        if (!holds) {
            throw new Trial.Refused(code, sentence);
        }
    }
}
