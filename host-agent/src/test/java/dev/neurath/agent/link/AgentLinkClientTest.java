package dev.neurath.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.Welcome;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class AgentLinkClientTest {
    /** Nothing comes down a line that never stands. */
    private static final class Unreached implements AgentLinkClient.Receiver {
        @Override
        public void welcomed(Welcome welcome) {}

        @Override
        public void order(VmId vm, VmOrder order, long startBeforeNanos) {}

        @Override
        public void acknowledged(VmId vm, FactStamp stamp) {}

        @Override
        public void disowned(VmId vm, FactStamp stamp, Refusal why) {}

        @Override
        public void releases(ReleaseCatalog releases) {}

        @Override
        public void turnedAway(Status status) {}
    }

    @Test
    void a_host_whose_facts_cannot_be_read_now_dials_again() throws Exception {
        var dialled = new CountDownLatch(3);
        var client = new AgentLinkClient(
                List.of("127.0.0.1:1"),
                () -> {
                    dialled.countDown();
                    throw new UncheckedIOException("no facts", new IOException("out of descriptors"));
                },
                new FactOutbox(1),
                new Unreached());
        client.start();
        try {
            assertThat(dialled.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            client.close();
        }
    }
}
