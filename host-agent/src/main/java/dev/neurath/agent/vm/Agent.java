package dev.neurath.agent.vm;

import dev.neurath.agent.AgentOptions;
import dev.neurath.agent.adopt.Inspector;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.link.AgentLinkClient;
import dev.neurath.agent.link.FactOutbox;
import dev.neurath.agent.log.HostLock;
import dev.neurath.agent.log.LogDirectory;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.proof.ProofDesk;
import dev.neurath.agent.proof.Prover;
import dev.neurath.agent.proof.ThrowAways;
import dev.neurath.agent.qemu.QemuBinary;
import dev.neurath.agent.qemu.SchemaShelf;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpLoop;
import dev.neurath.codec.BuildVersion;
import dev.neurath.identity.BadCredentials;
import dev.neurath.identity.CredentialsDirectory;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.model.host.LinkVersions;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One host's agent. Start order: lock, recover, publish, and only then the network; so a guest that stands still waits for nothing that can be missing,
 * not even for room on the disk.
 * Its end touches no QEMU.
 */
public final class Agent {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    /** What this agent speaks on the link; a node that speaks none of these says so. */
    private static final LinkVersions SPOKEN = new LinkVersions(1, 1);

    /** Among its abilities: see {@link dev.neurath.proto.v1.Prove}. */
    private static final String PROVES = "prove";

    /** Among its abilities: see {@link dev.neurath.proto.v1.Question}. */
    private static final String ANSWERS = "answer";

    private static final Duration PAUSE_LIMIT = Duration.ofSeconds(3);

    private final HostLock lock;
    private final QmpLoop qmp;
    private final ExitWatch exits;
    private final HealthWatch health;
    private final HostVms vms;
    private final ProofDesk proofs;
    private final AgentLinkClient link;

    private Agent(
            HostLock lock,
            QmpLoop qmp,
            ExitWatch exits,
            HealthWatch health,
            HostVms vms,
            ProofDesk proofs,
            AgentLinkClient link) {
        this.lock = lock;
        this.qmp = qmp;
        this.exits = exits;
        this.health = health;
        this.vms = vms;
        this.proofs = proofs;
        this.link = link;
    }

    public static Agent start(AgentOptions options, HoldPoints holds) throws IOException {
        CredentialsDirectory credentials = credentials(options);
        var directories = AgentDirectories.create(
                options.state(), options.run(), options.ram(), options.host().value());
        directories.requireMemory();
        HostLock lock = HostLock.acquire(
                options.fleet().value(), options.host().value(), directories.state(), directories.run());
        // Beside its sockets where that is in memory: an agent that is given its own directories leaves nothing
        // elsewhere.
        Optional<Path> memory =
                LogDirectory.inMemory(directories.run()) ? Optional.of(directories.run()) : Optional.empty();
        LogDirectory logs = LogDirectory.open(directories.state(), memory, holds::beforeWrite);
        var incarnation = Incarnation.after(directories.state());
        var qmp = new QmpLoop();
        var connector = new QmpConnector(qmp);
        var exits = new ExitWatch();
        var health = new HealthWatch(options.guestTimeout());
        var outbox = new FactOutbox(incarnation.number());
        var shelf = new ReleaseShelf(credentials == null ? ReleaseTrust.ALL : ReleaseTrust.of(credentials));
        var random = new SecureRandom();
        var store = new VmStore(directories.state(), holds::beforeWrite);
        var binaries = new QemuBinary(connector, directories.run());
        var throwAways = new ThrowAways(directories.run(), directories.ram(), connector, () -> nonce(random));
        var proofs = new ProofDesk(
                new Prover(binaries, new SchemaShelf(directories.run()), throwAways), new HostKnowledge(store, shelf));
        var tools = new HostTools(
                directories,
                store,
                connector,
                new QemuStarter(shelf, binaries, directories),
                new Inspector(connector, new KnownVms(store)),
                new VmProcesses(directories),
                outbox,
                health,
                exits,
                holds,
                options.lease(),
                new Semaphore(2 * Runtime.getRuntime().availableProcessors()),
                () -> nonce(random));
        var vms = new HostVms(tools, logs, shelf, proofs);
        vms.recover();
        sweep(throwAways);
        var link = new AgentLinkClient(
                options.coordinators(), credentials, () -> hello(options, incarnation, logs), outbox, vms);
        link.start();
        LOG.info("Agent of host {} is up, start {}", options.host(), incarnation.number());
        return new Agent(lock, qmp, exits, health, vms, proofs, link);
    }

    /** What cannot be ended is in nobody's way: a probe's names are its own. No VM shall be without its agent for it. */
    private static void sweep(ThrowAways throwAways) {
        try {
            throwAways.sweep();
        } catch (IOException e) {
            LOG.warn("What an earlier agent's probe left is not ended or deleted yet", e);
        }
    }

    private static @Nullable CredentialsDirectory credentials(AgentOptions options) throws IOException {
        try {
            return options.tls() == null ? null : CredentialsDirectory.open(options.tls(), LOG::warn);
        } catch (BadCredentials e) {
            throw new IOException("--tls: " + e.getMessage(), e);
        }
    }

    private static String nonce(SecureRandom random) {
        byte[] bytes = new byte[4];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static Hello hello(AgentOptions options, Incarnation incarnation, LogDirectory logs) {
        try {
            incarnation.write();
            return Hello.newBuilder()
                    .setFleet(options.fleet().value())
                    .setHost(options.host().value())
                    .setIncarnation(incarnation.number())
                    .setBootId(ProcessIdentity.currentBootId())
                    .setLogUuid(logs.uuid().toString())
                    .setLinkVersion(SPOKEN.newest())
                    .setOldestLinkVersion(SPOKEN.oldest())
                    .setAgentVersion(BuildVersion.text())
                    .addAbilities(PROVES)
                    .addAbilities(ANSWERS)
                    .setFacts(facts(options))
                    .build();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(
                    "this host's facts cannot be read, or this start cannot be written down", e);
        }
    }

    private static HostFacts facts(AgentOptions options) throws IOException {
        var memory = new java.util.HashMap<String, Long>();
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            String[] words = line.split("\\s+");
            memory.put(words[0], Long.parseLong(words[1]) * 1024);
        }
        return HostFacts.newBuilder()
                .putAllLabels(options.labels())
                .setCpus(Runtime.getRuntime().availableProcessors())
                .setMemoryBytes(memory.getOrDefault("MemTotal:", 0L))
                .setFreeMemoryBytes(memory.getOrDefault("MemAvailable:", 0L))
                .setFreeRamFilesBytes(Files.getFileStore(options.ram()).getUsableSpace())
                .setKernel(System.getProperty("os.version", ""))
                .setAccel(Files.isWritable(Path.of("/dev/kvm")) ? "kvm" : "tcg")
                .build();
    }

    /** A guest that stands still is let run first, if that takes no longer than the supervisor's patience: the next agent would only do the same, later. */
    public void close() throws IOException, InterruptedException {
        link.close();
        vms.awaitPauses(PAUSE_LIMIT);
        proofs.close();
        // What is being done to a VM is done to its end with everything that it uses.
        vms.close();
        exits.close();
        health.close();
        qmp.close();
        lock.close();
    }
}
