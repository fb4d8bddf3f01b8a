package dev.neurath.bench;

import dev.neurath.coordinator.node.Node;
import dev.neurath.coordinator.node.NodeDatabase;
import dev.neurath.coordinator.node.NodeSettings;
import dev.neurath.coordinator.node.StateDirectory;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.pekko.actor.ActorSystem;

/** A real node in this JVM with all that a node has: cluster, projection, waker, API. On loopback, and gone with the run. */
public final class BenchNode implements AutoCloseable {
    public static final String FLEET = "bench";

    private final StateDirectory directory;
    private final Node node;
    private final ManagedChannel channel;

    public BenchNode(Path state, String url) throws IOException, InterruptedException {
        NodeSettings settings = NodeSettings.of(
                Map.of(
                        "neurath.state",
                        state.toString(),
                        "neurath.database.url",
                        url,
                        "neurath.api.address",
                        "127.0.0.1:0",
                        "neurath.fleet",
                        FLEET,
                        "neurath.plaintext",
                        "true"),
                Map.of(),
                null);
        this.directory = StateDirectory.take(state);
        this.node = Node.start(settings, directory, NodeDatabase.of(settings, state));
        this.channel = ManagedChannelBuilder.forTarget(address()).usePlaintext().build();
    }

    public String address() {
        return node.apiEndpoint().toString();
    }

    public ManagedChannel channel() {
        return channel;
    }

    public ActorSystem system() {
        return node.system().classicSystem();
    }

    @Override
    public void close() throws IOException {
        channel.shutdownNow();
        try {
            node.stop();
        } catch (InterruptedException e) {
            // It ends all the same; whoever interrupted wants this JVM gone.
            Thread.currentThread().interrupt();
        }
        directory.close();
    }
}
