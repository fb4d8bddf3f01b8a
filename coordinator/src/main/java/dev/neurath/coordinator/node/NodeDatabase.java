package dev.neurath.coordinator.node;

import dev.neurath.persistence.embedded.DatabaseStartException;
import dev.neurath.persistence.embedded.EmbeddedDatabase;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The database of a node: the one it was told of, or one of its own in its state directory. */
public final class NodeDatabase implements AutoCloseable {
    private final String url;
    private final @Nullable EmbeddedDatabase embedded;

    private NodeDatabase(String url, @Nullable EmbeddedDatabase embedded) {
        this.url = url;
        this.embedded = embedded;
    }

    public static NodeDatabase of(NodeSettings settings, Path state) {
        if (!settings.database().isEmpty()) {
            return new NodeDatabase(settings.database(), null);
        }
        try {
            EmbeddedDatabase embedded = EmbeddedDatabase.start(state.resolve("database"), 0);
            return new NodeDatabase(embedded.jdbcUrl(), embedded);
        } catch (DatabaseStartException e) {
            throw StartFailure.failed(String.valueOf(e.getMessage()), e);
        }
    }

    /** With user and password: for the driver, not for logs. */
    String url() {
        return url;
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
