package dev.neurath.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Enough of QMP to hand a guest over by hand: one command at a time, events dropped. Blocks; tests bound the time. */
final class TinyQmp implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SocketChannel channel;
    private final BufferedReader in;

    private TinyQmp(SocketChannel channel) throws IOException {
        this.channel = channel;
        in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    /** The socket exists before it listens, and a QEMU that waits for its state greets only later. */
    static TinyQmp connect(Path socket, Process process) throws IOException {
        while (true) {
            SocketChannel channel = SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                channel.close();
                if (!process.isAlive()) {
                    throw new IOException("QEMU ended with " + process.exitValue(), e);
                }
                LockSupport.parkNanos(2_000_000);
                continue;
            }
            TinyQmp qmp = new TinyQmp(channel);
            qmp.read();
            qmp.execute("qmp_capabilities", "{}");
            return qmp;
        }
    }

    JsonNode execute(String command, String arguments) throws IOException {
        ObjectNode request = JSON.createObjectNode().put("execute", command);
        request.set("arguments", JSON.readTree(arguments));
        channel.write(StandardCharsets.UTF_8.encode(request + "\n"));
        while (true) {
            JsonNode answer = read();
            if (answer.has("error")) {
                throw new IOException(
                        command + ": " + answer.path("error").path("desc").asText());
            }
            if (answer.has("return")) {
                return answer.path("return");
            }
        }
    }

    /** Asks until the field has the value; a migration that failed is not waited for. */
    void await(String query, String field, String value) throws IOException {
        while (true) {
            JsonNode answer = execute(query, "{}");
            String is = answer.path(field).asText();
            if (is.equals(value)) {
                return;
            }
            if (is.equals("failed")) {
                throw new IOException(query + ": " + answer);
            }
            LockSupport.parkNanos(500_000);
        }
    }

    private JsonNode read() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("QEMU closed the connection");
        }
        return JSON.readTree(line);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
