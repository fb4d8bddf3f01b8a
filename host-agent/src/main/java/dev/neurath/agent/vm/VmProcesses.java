package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptPaths;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qemu.QemuGraph;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the agent does with VMs' processes and files outside a hand-over: find, describe, end, clean up. */
final class VmProcesses {
    private static final Logger LOG = LoggerFactory.getLogger(VmProcesses.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int LAST_WORDS = 400;
    private static final String OUTPUT = ".log";
    private static final int OUTPUTS_KEPT = 4;

    private final AgentDirectories directories;

    VmProcesses(AgentDirectories directories) {
        this.directories = directories;
    }

    /** Looked for twice: one walk can miss a process that is being started. */
    Optional<ProcessIdentity> find(String tag) throws IOException {
        Optional<ProcessIdentity> found = lookFor(tag);
        return found.isEmpty() ? lookFor(tag) : found;
    }

    private Optional<ProcessIdentity> lookFor(String tag) throws IOException {
        for (Path sockets : directories.sockets()) {
            List<ProcessIdentity> found =
                    ProcessScan.listeningAt(AttemptPaths.ofTag(sockets, tag).control(), tag);
            if (!found.isEmpty()) {
                return Optional.of(found.getFirst());
            }
        }
        return Optional.empty();
    }

    /** @return true if any process has words on its command line that begin so, whether it is a QEMU or only reads of one */
    boolean named(String beginning) throws IOException {
        return !ProcessScan.withTag(beginning).isEmpty();
    }

    /**
     * @return true if any was found
     * @throws IOException if one is still there
     */
    boolean endTagged(Set<String> tags, Duration limit) throws IOException {
        boolean found = false;
        for (String tag : tags) {
            Optional<ProcessIdentity> living = find(tag);
            while (living.isPresent()) {
                found = true;
                end(living.get(), limit);
                living = find(tag);
            }
        }
        return found;
    }

    /** Waits until a VM's first QEMU runs, and writes down what it is. */
    AgentVm describe(AgentVm draft, ProcessIdentity identity, QemuSide side)
            throws IOException, InterruptedException, Refused {
        QmpConnection answering;
        try {
            answering = side.connectWhileAlive(START_LIMIT);
        } catch (QmpFailure e) {
            throw new Refused(
                    "START_FAILED",
                    side.alive()
                            ? "The QEMU does not answer: " + e.getMessage()
                            : "The QEMU ended before it could be asked anything.");
        }
        QemuFacts facts = QemuGraph.read(answering, START_LIMIT);
        String expected = draft.getRevision().getVersion();
        if (!facts.version().equals(expected)) {
            throw new Refused(
                    "RELEASE_VERSION",
                    "The QEMU says it is %s, and its release says %s.".formatted(facts.version(), expected));
        }
        String machine = QemuGraph.canonical(facts);
        return draft.toBuilder()
                .setProcess(VmCodec.encode(process(draft, identity)))
                .setGraph(QemuGraph.withoutPlaces(machine))
                .setPlaces(QemuGraph.placesIn(machine))
                .build();
    }

    /** The record of a VM after a hand-over. */
    AgentVm handedOver(
            AgentVm before,
            Generation generation,
            String tag,
            Path control,
            Map<String, String> shadows,
            Outcome.Upgraded outcome) {
        var after = before.toBuilder()
                .setTag(tag)
                .setControl(control.toString())
                .setProcess(VmCodec.encode(outcome.process()))
                .setRevision(VmCodec.encode(outcome.revision()))
                .clearPublicPaths();
        for (AgentVm.PublicPath path : before.getPublicPathsList()) {
            after.addPublicPaths(path.toBuilder().setBound(shadows.getOrDefault(path.getPublic(), path.getPublic())));
        }
        LOG.info(
                "VM {} is process {} since generation {}",
                before.getSpec().getId(),
                outcome.process().pid(),
                generation);
        return after.build();
    }

    private static QemuProcess process(AgentVm vm, ProcessIdentity identity) {
        return new QemuProcess(
                identity.bootId(),
                identity.pid(),
                identity.startTimeTicks(),
                vm.getPublicPaths(0).getPublic());
    }

    void end(ProcessIdentity identity, Duration limit) throws IOException {
        if (!ProcessSignals.kill(identity, limit)) {
            throw new IOException("process " + identity.pid() + " is still there after SIGKILL");
        }
    }

    /** Unlinks a guest's memory only when no process maps it, looked for twice: one walk can miss a process that is being started. */
    void dropMemory(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        FileIdentity memory = FileIdentity.of(file);
        // What cannot be looked into is not one of ours: the agent can read the maps of every QEMU it starts.
        List<ProcessIdentity> users = ProcessScan.mapping(memory).found();
        if (users.isEmpty()) {
            users = ProcessScan.mapping(memory).found();
        }
        if (users.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            LOG.warn("{} stays: process {} maps it", file, users.getFirst().pid());
        }
    }

    /** The VM's control group, once nothing of it lives. */
    void dropGroup(VmId vm) throws IOException {
        ControlGroup.remove(directories.groupPrefix() + vm);
    }

    /** Of what a VM's QEMUs printed the last few stay, and what one prints that lives. */
    void dropOldOutput(VmId vm) throws IOException {
        Pattern ofVm = Pattern.compile(Pattern.quote(vm.value()) + "\\.\\d+\\.[^.]+" + Pattern.quote(OUTPUT));
        var outputs = new TreeMap<FileTime, Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directories.logs())) {
            for (Path file : files) {
                if (ofVm.matcher(file.getFileName().toString()).matches()) {
                    outputs.put(Files.getLastModifiedTime(file), file);
                }
            }
        }
        for (Path old : outputs.values().stream()
                .limit(Math.max(0, outputs.size() - OUTPUTS_KEPT))
                .toList()) {
            String name = old.getFileName().toString();
            if (find(name.substring(0, name.length() - OUTPUT.length())).isEmpty()) {
                Files.deleteIfExists(old);
            }
        }
    }

    /** The end of what a QEMU printed, as the tail of a sentence. */
    String lastWords(String tag) {
        Path output = directories.logs().resolve(tag + OUTPUT);
        try {
            byte[] bytes = Files.readAllBytes(output);
            int from = Math.max(0, bytes.length - LAST_WORDS);
            String text = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? "" : " It said: " + text;
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            LOG.warn("What a QEMU printed cannot be read", e);
            return "";
        }
    }
}
