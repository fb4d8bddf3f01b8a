package dev.neurath.agent.log;

import java.io.IOException;

/** One file of the log, as the log needs it; the port through which tests make writes fail. */
interface LogFile extends AutoCloseable {
    byte[] readAll() throws IOException;

    /** One write() of all bytes. */
    void write(long position, byte[] bytes) throws IOException;

    void sync() throws IOException;

    void truncate(long length) throws IOException;

    @Override
    void close() throws IOException;
}
