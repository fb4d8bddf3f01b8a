package dev.neurath.testbed.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CuttingProxyTest {
    @TempDir
    private Path directory;

    @Test
    void it_lets_so_many_bytes_through_both_ways_and_then_cuts() throws Exception {
        Path target = directory.resolve("new");
        CountDownLatch cut = new CountDownLatch(1);
        CuttingProxy proxy = CuttingProxy.before(target, 10_000, cut::countDown);
        try (ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            door.bind(UnixDomainSocketAddress.of(target));
            try (SocketChannel old = SocketChannel.open(UnixDomainSocketAddress.of(proxy.path()));
                    SocketChannel fresh = door.accept()) {
                fresh.write(ByteBuffer.wrap(new byte[] {42}));
                ByteBuffer back = ByteBuffer.allocate(1);
                old.read(back);
                assertThat(back.get(0)).isEqualTo((byte) 42);

                old.write(ByteBuffer.allocate(20_000));
                ByteBuffer arrived = ByteBuffer.allocate(20_000);
                while (arrived.position() < 10_000) {
                    fresh.read(arrived);
                }
                assertThat(cut.await(10, TimeUnit.SECONDS)).isTrue();
                fresh.configureBlocking(false);
                assertThat(fresh.read(arrived)).isZero();
            }
        }
    }
}
