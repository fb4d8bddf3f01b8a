package dev.neurath.persistence.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A network between client and database that can be broken, at once or at the moment when a statement passes. */
public final class CuttingProxy implements AutoCloseable {
    /** Where the statement is when the connection is lost. */
    public enum Cut {
        BEFORE_THE_SERVER_HAS_IT,
        AFTER_THE_SERVER_DID_IT
    }

    private record Trap(String statement, Cut cut, Runnable then) {}

    private final InetSocketAddress server;
    private final ServerSocket door;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Trap> trap = new AtomicReference<>();
    private volatile boolean down;

    public CuttingProxy(int serverPort) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        try {
            this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return door.getLocalPort();
    }

    /** Once: the next connection that sends this text is cut; {@code then} runs before anybody can connect again. */
    public void cutAt(String statement, Cut cut, Runnable then) {
        trap.set(new Trap(statement, cut, then));
    }

    public void goDown() {
        down = true;
        open.forEach(CuttingProxy::close);
    }

    public void comeBack() {
        down = false;
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                if (down) {
                    client.close();
                } else {
                    Thread.ofVirtual().start(() -> connect(client));
                }
            } catch (IOException e) {
                // Closed at the end of the test.
                return;
            }
        }
    }

    private void connect(Socket client) {
        try (client;
                Socket upstream = new Socket()) {
            upstream.connect(server);
            open.add(client);
            open.add(upstream);
            Thread back = Thread.ofVirtual().start(() -> copyBack(upstream, client));
            forward(client, upstream);
            close(upstream);
            back.join();
        } catch (IOException | InterruptedException e) {
            close(client);
        } finally {
            open.remove(client);
        }
    }

    private void forward(Socket client, Socket upstream) throws IOException {
        byte[] buffer = new byte[1 << 16];
        InputStream in = client.getInputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            Trap set = trap.get();
            boolean caught = set != null
                    && new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains(set.statement())
                    && trap.compareAndSet(set, null);
            if (caught && set != null) {
                down = true;
                close(client);
                if (set.cut() == Cut.AFTER_THE_SERVER_DID_IT) {
                    upstream.getOutputStream().write(buffer, 0, read);
                    upstream.shutdownOutput();
                    awaitEnd(upstream);
                }
                close(upstream);
                set.then().run();
                down = false;
                return;
            }
            upstream.getOutputStream().write(buffer, 0, read);
        }
    }

    /** The server has done all it was sent when it closes its side. The other thread may be the one that reads it. */
    private static void awaitEnd(Socket upstream) {
        try {
            upstream.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            close(upstream);
        }
    }

    private static void copyBack(Socket upstream, Socket client) {
        try {
            upstream.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
            // The client's side was cut; what the server says from now on is lost, as it should be.
            awaitEnd(upstream);
        }
        close(client);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        goDown();
    }
}
