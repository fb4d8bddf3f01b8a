package dev.neurath.coordinator.node;

import com.typesafe.config.Config;
import dev.neurath.coordinator.api.ApiServer;
import dev.neurath.coordinator.api.FleetApi;
import dev.neurath.coordinator.api.FreshReads;
import dev.neurath.coordinator.api.RolloutsApi;
import dev.neurath.coordinator.feed.EventFeedApi;
import dev.neurath.coordinator.feed.FeedSource;
import dev.neurath.coordinator.fleet.FeedEntry;
import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.coordinator.fleet.VmChanges;
import dev.neurath.coordinator.metrics.NodeMetrics;
import dev.neurath.coordinator.rollout.FleetEntities;
import dev.neurath.coordinator.rollout.FleetPlanner;
import dev.neurath.coordinator.rollout.FleetProofs;
import dev.neurath.coordinator.rollout.RolloutWork;
import dev.neurath.coordinator.rollout.Waker;
import dev.neurath.coordinator.traces.Collector;
import dev.neurath.coordinator.traces.ExportDuty;
import dev.neurath.coordinator.traces.TraceExport;
import dev.neurath.host.AgentLink;
import dev.neurath.host.HostActors;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseExtension;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.events.EventCodecs;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.persistence.nodes.NodeDirectory;
import dev.neurath.vm.VmActors;
import io.grpc.BindableService;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;

/**
 * Puts the parts of a node together, each given what it needs and nothing else.
 *
 * <p>Messages flow: API to entities; entities to each other through ports; agents' facts to VMs; the journal's feed to this node's view, and from
 * there to readers.
 */
final class NodeParts implements AutoCloseable {
    private static final Duration CONTROL_PATIENCE = Duration.ofSeconds(3);
    private static final Duration FRESH_ENOUGH = Duration.ofSeconds(1);

    private final String nodeName;
    private final Database control;
    private final Membership membership;
    private final FleetProjection projection;
    private final Optional<TraceExport> traces;
    private final EventFeedApi feed;
    private final AgentLink link;
    private final List<BindableService> services;

    private NodeParts(
            String nodeName,
            Database control,
            Membership membership,
            FleetProjection projection,
            Optional<TraceExport> traces,
            EventFeedApi feed,
            AgentLink link,
            List<BindableService> services) {
        this.nodeName = nodeName;
        this.control = control;
        this.membership = membership;
        this.projection = projection;
        this.traces = traces;
        this.feed = feed;
        this.link = link;
        this.services = List.copyOf(services);
    }

    static NodeParts start(
            ActorSystem<?> system,
            NodeSettings settings,
            Readiness readiness,
            NodeMetrics metrics,
            ReleaseTrust trust) {
        Config config = system.settings().config();
        Clock clock = Clock.systemUTC();
        Duration readPatience = config.getDuration("neurath.api.read-patience");
        Duration commandPatience = config.getDuration("neurath.api.command-timeout");
        String nodeName = Cluster.get(system).selfMember().address().toString();

        Database database = DatabaseExtension.databaseOf(system);
        Database control = Database.open(
                DatabaseSettings.from(config.getConfig("neurath.database")).withPatience(CONTROL_PATIENCE));
        EventCodecs codecs =
                EventCodecs.from(config.getConfig("neurath.serialization"), NodeParts.class.getClassLoader());
        var view = new AtomicReference<FleetProjection>();
        var source = new FeedSource(
                new FeedLog(database),
                codecs,
                view::get,
                config.getInt("neurath.feed.recent"),
                config.getInt("neurath.feed.page"));
        var releases = new CatalogForAgents(view::get);
        List<Consumer<List<FeedEntry>>> followers = List.of(source::follow, releases::follow, metrics::follow);
        Optional<TraceExport> traces = settings.traces().map(collector -> traces(collector, settings, metrics, clock));
        VmChanges changes = traces.map(export -> metrics.vmChanges().and(export.vmChanges()))
                .orElseGet(metrics::vmChanges);
        FleetProjection projection = FleetProjection.start(database, codecs, settings.fleet(), changes, followers);
        view.set(projection);
        var waiting = new FeedLog(control);
        metrics.of(projection, () -> waiting.oldestAfter(projection.position()));

        var entities = new FleetEntities(system, entitySettings(config));
        var vmWork = new VmWork(entities, clock);
        VmActors vms = VmActors.start(system, vmWork);
        var hostWork = new HostWork(vms);
        HostActors hosts = HostActors.start(system, settings.fleet(), hostWork);
        vmWork.reach(hosts);
        var planner = new FleetPlanner(settings.fleet());
        var proofs = new FleetProofs(
                hosts,
                entities,
                new FleetProofs.Settings(
                        config.getDuration("neurath.proofs.patience"), config.getInt("neurath.proofs.most")));
        entities.host(new RolloutWork(vms, entities, projection, planner, readPatience), clock);
        ClusterSingleton.get(system)
                .init(SingletonActor.of(
                        Waker.create(projection, new Wakening(vms, hosts, entities), wakerSettings(config), clock),
                        "waker"));

        traces.ifPresent(export ->
                ClusterSingleton.get(system).init(SingletonActor.of(ExportDuty.create(export), "export-duty")));

        AgentLink link = AgentLink.create(system, nodeName, hosts, hostWork, releases, ApiServer::provenHost);
        var reads = new FreshReads(projection, readPatience);
        var feed = new EventFeedApi(source, projection, feedSettings(config, readPatience));
        List<BindableService> services = List.of(
                new FleetApi(vms, hosts, entities, trust, reads, clock, commandPatience),
                new RolloutsApi(entities, planner, proofs, reads, clock, commandPatience),
                feed,
                link);
        var membership = new Membership(system, new NodeDirectory(control, nodeName, Membership.SILENCE));
        membership.start();
        readiness.require("cluster", membership::missing);
        readiness.require("database", () -> control.reachable() ? Optional.empty() : Optional.of("it does not answer"));
        readiness.require("view", () -> lag(projection));
        return new NodeParts(nodeName, control, membership, projection, traces, feed, link, services);
    }

    /** Unique among the nodes that live; agents and events name it. */
    String nodeName() {
        return nodeName;
    }

    List<BindableService> services() {
        return services;
    }

    /** Ends all streams, so that readers and agents go to another node at once. */
    void stopServing() {
        feed.stop();
        link.stop();
        projection.close();
        traces.ifPresent(TraceExport::close);
    }

    @Override
    public void close() {
        membership.close();
        control.close();
    }

    private static Optional<String> lag(FleetProjection projection) {
        if (projection.stopped().isPresent()) {
            return projection.stopped();
        }
        try {
            return projection.catchUp(FRESH_ENOUGH)
                    ? Optional.empty()
                    : Optional.of("it is behind what is durable, at " + projection.position());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("the node stops");
        }
    }

    private static FleetEntities.Settings entitySettings(Config config) {
        return new FleetEntities.Settings(
                config.getDuration("neurath.api.command-timeout"),
                config.getDuration("neurath.rollout.tick-every"),
                config.getDuration("neurath.rollout.repeat-after"));
    }

    private static TraceExport traces(URI collector, NodeSettings settings, NodeMetrics metrics, Clock clock) {
        Config config = settings.config();
        return TraceExport.start(
                settings.fleet(),
                Collector.at(collector),
                metrics.traceCounts(),
                new TraceExport.Settings(
                        config.getInt("neurath.traces.most"), config.getDuration("neurath.traces.keep")),
                clock);
    }

    private static Waker.Settings wakerSettings(Config config) {
        return new Waker.Settings(config.getDuration("neurath.waker.every"), config.getInt("neurath.waker.per-second"));
    }

    private static EventFeedApi.Settings feedSettings(Config config, Duration readPatience) {
        return new EventFeedApi.Settings(
                config.getDuration("neurath.feed.bookmark-every"),
                config.getDuration("neurath.feed.reader-patience"),
                readPatience,
                config.getInt("neurath.feed.max-readers"));
    }
}
