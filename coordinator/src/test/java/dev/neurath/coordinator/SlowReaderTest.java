package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.HoldVmRequest;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.UnholdVmRequest;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlowReaderTest {
    private static final int WINDOW = 16 << 10;

    /** About 200 kB: fills the narrow window and the 32 kB that the server takes to be sent. */
    private static final int EVENTS = 400;

    @Test
    void a_reader_that_takes_nothing_is_cut_off_with_its_cursor_and_bookmarks_are_a_heartbeat(@TempDir Path directory)
            throws Exception {
        try (TestFleet fleet = TestFleet.create(directory)) {
            TestFleet.TestNode node =
                    fleet.addNode(Map.of("neurath.feed.reader-patience", "1s", "neurath.feed.bookmark-every", "200ms"));
            fleet.addAgent("h1", Map.of());
            fleet.registerReleases();
            fleet.startVms("h1", "held");
            String reason = "for a long reason, ".repeat(10);
            for (int i = 0; i < EVENTS / 2; i++) {
                fleet.fleet()
                        .holdVm(HoldVmRequest.newBuilder()
                                .setId("held")
                                .setReason(reason + i)
                                .build());
                fleet.fleet()
                        .unholdVm(UnholdVmRequest.newBuilder().setId("held").build());
            }
            Status cutOff = afterTakingNothingFor(3, node);
            assertThat(cutOff.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(cutOff.getDescription()).containsPattern("after cursor|from cursor [0-9.]+~[0-9]+-[0-9]+");

            var bookmarked = EventFeedGrpc.newBlockingStub(fleet.channel(node))
                    .watch(WatchRequest.newBuilder()
                            .setStart(Start.newBuilder().setNow(true))
                            .build());
            String first = bookmarked.next().getBookmark().getCursor();
            assertThat(bookmarked.next().getBookmark().getCursor()).isEqualTo(first);
        }
    }

    /** The status comes after what was sent before it, so in the end everything has to be taken. */
    private static Status afterTakingNothingFor(int seconds, TestFleet.TestNode node) throws Exception {
        var closed = new CompletableFuture<Status>();
        // The usual window takes a megabyte before the server notices that nobody reads.
        ManagedChannel narrow = NettyChannelBuilder.forTarget(node.api())
                .usePlaintext()
                .flowControlWindow(WINDOW)
                .build();
        ClientCall<WatchRequest, WatchResponse> call =
                narrow.newCall(EventFeedGrpc.getWatchMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        closed.complete(status);
                    }
                },
                new Metadata());
        call.sendMessage(WatchRequest.getDefaultInstance());
        call.halfClose();
        call.request(1);
        assertThatThrownBy(() -> closed.get(seconds, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        call.request(Integer.MAX_VALUE);
        try {
            return closed.get(30, TimeUnit.SECONDS);
        } finally {
            narrow.shutdownNow();
        }
    }
}
