package dev.neurath.coordinator.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import dev.neurath.codec.BuildVersion;
import dev.neurath.coordinator.api.ApiServer;
import dev.neurath.coordinator.api.ReasonCodes;
import dev.neurath.coordinator.metrics.NodeMetrics;
import dev.neurath.identity.CredentialsDirectory;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.persistence.database.DatabaseSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One coordinator node that runs: actor system, place in the cluster, view of the fleet, API, health.
 *
 * <p>It is ready only while it is a member that is up, its database answers and its view follows the feed. An orderly stop hands its entities to the
 * other nodes; a node that the others declared gone ends by itself.
 *
 * <p>What it is made of is in {@link NodeParts}.
 */
public final class Node {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final String NAME = "neurath";
    private static final Duration STREAMS_END = Duration.ofSeconds(1);
    private static final Duration LEAVE_PATIENCE = Duration.ofSeconds(20);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final NodeSettings settings;
    private final StateDirectory directory;
    private final Readiness readiness;
    private final HealthServer health;
    private final @Nullable MetricsServer metrics;
    private final ActorSystem<Void> system;
    /** See {@link SystemEnd#of}. */
    private final CompletionStage<Boolean> end;

    private final NodeParts parts;
    private final ApiServer api;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CompletableFuture<End> ended = new CompletableFuture<>();

    /** Why a node ended. */
    public enum End {
        STOPPED,
        /** The others took it for gone, or another cluster took over. */
        DECLARED_GONE,
        /** As {@link #DECLARED_GONE}, but parts of it are left; only the process's end clears them away. */
        NOT_CLEARED_AWAY
    }

    private Node(
            NodeSettings settings,
            StateDirectory directory,
            Readiness readiness,
            HealthServer health,
            @Nullable MetricsServer metrics,
            ActorSystem<Void> system,
            CompletionStage<Boolean> end,
            NodeParts parts,
            ApiServer api) {
        this.settings = settings;
        this.directory = directory;
        this.readiness = readiness;
        this.health = health;
        this.metrics = metrics;
        this.system = system;
        this.end = end;
        this.parts = parts;
        this.api = api;
    }

    /**
     * Starts a node and waits until it is ready.
     *
     * @throws StartFailure with a sentence; nothing of the node is left then
     */
    public static Node start(NodeSettings settings, StateDirectory directory, NodeDatabase database)
            throws InterruptedException {
        var readiness = new Readiness();
        var metrics = new NodeMetrics(
                InstantSource.system(), BuildVersion.text(), ReasonCodes.load().known());
        Optional<CredentialsDirectory> credentials = NodeCredentials.of(settings);
        try (var unwinding = new Unwinding()) {
            HealthServer health = HealthServer.start(
                    settings.http(),
                    readiness,
                    credentials.isPresent() ? Optional.empty() : Optional.of(metrics::text));
            unwinding.add(health::close);
            MetricsServer metricsServer = null;
            if (credentials.isPresent() && settings.metrics().isPresent()) {
                metricsServer = MetricsServer.start(settings.metrics().get(), credentials.get(), metrics::text);
                unwinding.add(metricsServer::close);
            }
            Config config = configuration(settings, database.url());
            FleetFounding.check(
                    DatabaseSettings.from(config.getConfig("neurath.database"))
                            .withPatience(settings.duration("neurath.start.database-patience")),
                    settings.fleet());
            ActorSystem<Void> system = system(settings, config);
            CompletionStage<Boolean> end = SystemEnd.of(system);
            unwinding.add(() -> terminate(system, end));
            NodeParts parts = NodeParts.start(
                    system,
                    settings,
                    readiness,
                    metrics,
                    credentials.map(ReleaseTrust::of).orElse(ReleaseTrust.ALL));
            unwinding.add(() -> {
                parts.stopServing();
                parts.close();
            });
            ApiServer api = ApiServer.start(
                    settings.api(),
                    Math.toIntExact(config.getBytes("neurath.api.max-message-bytes")),
                    parts.services(),
                    credentials.orElse(null));
            var node = new Node(settings, directory, readiness, health, metricsServer, system, end, parts, api);
            // From here on the node takes itself down as a whole.
            unwinding.succeeded();
            node.becomeReady();
            return node;
        }
    }

    /** For one who starts it and for scripts. */
    public String readyLine() {
        return "ready: api %s http %s%s cluster %s fleet %s state %s"
                .formatted(
                        api.endpoint(),
                        health.endpoint(),
                        metricsEndpoint().map(" metrics %s"::formatted).orElse(""),
                        clusterEndpoint(),
                        settings.fleet(),
                        directory.path());
    }

    public Endpoint apiEndpoint() {
        return api.endpoint();
    }

    public Endpoint httpEndpoint() {
        return health.endpoint();
    }

    /** Where certificates are told metrics; empty if nowhere. */
    public Optional<Endpoint> metricsEndpoint() {
        return Optional.ofNullable(metrics).map(MetricsServer::endpoint);
    }

    /** For tests of the cluster itself. */
    public ActorSystem<Void> system() {
        return system;
    }

    /** To start again where others know this node to be. */
    public NodeSettings settingsWithActualAddresses() {
        return settings.withAddresses(api.endpoint(), health.endpoint(), clusterEndpoint());
    }

    /** Returns when the node has ended, whatever the cause. */
    public End awaitEnd() throws InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a node never fails", e);
        }
    }

    /** Leaves the cluster in good order and ends. Returns when that is done; calling it again waits for the same. */
    public void stop() throws InterruptedException {
        if (stopping.compareAndSet(false, true)) {
            stopServing();
            terminate(system, end);
            release(End.STOPPED);
        }
        awaitEnd();
    }

    private void becomeReady() throws InterruptedException {
        readiness.require("API", () -> stopping.get() ? Optional.of("stopping") : Optional.empty());
        directory.publish(
                api.endpoint().toString(),
                health.endpoint().toString(),
                metricsEndpoint().map(Endpoint::toString).orElse(""),
                clusterEndpoint().toString(),
                settings.fleet().value(),
                parts.nodeName());
        end.thenAccept(this::terminated);
        long deadline = System.nanoTime()
                + settings.duration("neurath.start.cluster-patience").toNanos();
        Optional<String> missing = readiness.missing();
        while (missing.isPresent()) {
            if (System.nanoTime() > deadline) {
                stop();
                throw StartFailure.failed(
                        "The node is not ready after %d s: %s."
                                .formatted(
                                        settings.duration("neurath.start.cluster-patience")
                                                .toSeconds(),
                                        missing.get()),
                        null);
            }
            if (endedWithin(LOOK_AGAIN)) {
                throw StartFailure.failed("The node ended before it was ready: " + missing.get() + ".", null);
            }
            missing = readiness.missing();
        }
        api.serving(true);
    }

    private boolean endedWithin(Duration time) throws InterruptedException {
        try {
            ended.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a node never fails", e);
        }
    }

    /** The actor system ended; unless it was asked to, the cluster did it. */
    private void terminated(boolean whole) {
        if (stopping.compareAndSet(false, true)) {
            stopServing();
            release(whole ? End.DECLARED_GONE : End.NOT_CLEARED_AWAY);
        }
    }

    private void stopServing() {
        api.serving(false);
        parts.stopServing();
        api.stop(STREAMS_END);
    }

    private void release(End end) {
        parts.close();
        health.close();
        if (metrics != null) {
            metrics.close();
        }
        directory.unpublish();
        ended.complete(end);
    }

    private Endpoint clusterEndpoint() {
        return clusterEndpoint(settings, system);
    }

    private static Endpoint clusterEndpoint(NodeSettings settings, ActorSystem<?> system) {
        return settings.cluster()
                .withPort(Cluster.get(system).selfMember().address().getPort().orElse(0));
    }

    private static Config configuration(NodeSettings settings, String databaseUrl) {
        Config transport = settings.tls() == null
                ? ConfigFactory.empty()
                : ConfigFactory.parseMap(
                        Map.of(
                                "pekko.remote.artery.transport",
                                "tls-tcp",
                                "pekko.remote.artery.ssl.ssl-engine-provider",
                                ClusterTls.class.getName()),
                        "this node");
        Config own = ConfigFactory.parseMap(
                Map.of(
                        "neurath.database.url",
                        databaseUrl,
                        "pekko.remote.artery.canonical.hostname",
                        settings.cluster().host(),
                        "pekko.remote.artery.canonical.port",
                        settings.cluster().port(),
                        "pekko.cluster.failure-detector.acceptable-heartbeat-pause",
                        settings.duration("neurath.cluster.acceptable-heartbeat-pause"),
                        "pekko.cluster.split-brain-resolver.stable-after",
                        settings.duration("neurath.cluster.stable-after"),
                        "pekko.cluster.sharding.number-of-shards",
                        settings.config().getInt("neurath.cluster.shards"),
                        "pekko.cluster.app-version",
                        clusterVersion(BuildVersion.text())),
                "this node");
        return own.withFallback(transport)
                .withFallback(ConfigFactory.parseResources(Node.class, "pekko.conf"))
                .withFallback(settings.config())
                .withValue(
                        "neurath.state",
                        ConfigValueFactory.fromAnyRef(settings.state().toString()))
                .resolve();
    }

    /**
     * Shards that move while nodes of two builds are there go to the newer one, and none is moved only for balance.
     *
     * <p>The numbers only: Pekko puts a release both before and after its own snapshot, depending on which one is asked.
     */
    static String clusterVersion(String build) {
        return build.replaceFirst("[-+].*", "");
    }

    private static ActorSystem<Void> system(NodeSettings settings, Config config) {
        try {
            return ActorSystem.create(Behaviors.empty(), NAME, config);
        } catch (RuntimeException e) {
            throw StartFailure.failed(
                    "The cluster address %s cannot be used (%s): choose another with --cluster."
                            .formatted(settings.cluster(), e.getMessage()),
                    e);
        }
    }

    private static void terminate(ActorSystem<?> system, CompletionStage<Boolean> end) {
        system.terminate();
        try {
            if (!end.toCompletableFuture().get(LEAVE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Parts of the actor system do not end; the process ends without them");
            }
        } catch (TimeoutException e) {
            LOG.warn(
                    "The actor system did not end within {} s; the process ends without it",
                    LEAVE_PATIENCE.toSeconds());
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of an actor system never fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
