package dev.neurath.host;

import dev.neurath.proto.v1.ReleaseCatalog;

/** What agents may execute, as this node knows it now. */
public interface ReleaseSource {
    ReleaseCatalog current();

    /** @return a registration: {@code changed} is called, from any thread, until it is closed */
    Registration onChange(Runnable changed);

    /** Ends the calls. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
