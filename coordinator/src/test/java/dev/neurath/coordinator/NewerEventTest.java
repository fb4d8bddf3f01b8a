package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.proto.v1.HoldVmRequest;
import dev.neurath.proto.v1.Refusal;
import dev.neurath.proto.v1.UnholdVmRequest;
import dev.neurath.proto.v1.VmEvent;
import dev.neurath.proto.v1.VmPhase;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An event that only a newer build knows: the nodes of this one refuse what it is of, say so, and leave everything else as it is. */
@Timeout(180)
class NewerEventTest {
    private static final int EVENTS = 470001;

    @Test
    void what_a_newer_build_wrote_is_refused_by_its_code_and_served_where_it_is_known(@TempDir Path directory)
            throws Exception {
        try (TestFleet fleet = TestFleet.create(directory)) {
            TestFleet.TestNode older = fleet.addNode();
            fleet.addAgent("h1", Map.of());
            fleet.registerReleases();
            fleet.startVms("h1", "newer", "known");
            append(fleet, "vm|newer", unknown());

            // It lives here: it finds out when it writes next, and its append is refused by the journal's key.
            var refusal = new AtomicReference<>(Refusal.getDefaultInstance());
            fleet.await("the VM is refused", () -> {
                refusal.set(refused(() -> hold(fleet, "newer")));
                return refusal.get().getCode().equals("NEWER_BUILD");
            });
            assertThat(refusal.get().getSentence())
                    .contains("VM newer")
                    .contains("newer build")
                    .contains("vm|newer")
                    .contains("[77]");
            fleet.await(
                    "the node says why it is not ready",
                    () -> ready(older).contains("newer build") && ready(older).contains("[77]"));
            hold(fleet, "known");

            // As for a build that knows the event.
            fleet.stop(older);
            replace(
                    fleet,
                    "vm|newer",
                    VmEvent.newBuilder()
                            .setHoldPlaced(VmEvent.HoldPlaced.newBuilder()
                                    .setReason("of a newer build")
                                    .setBy("local"))
                            .build());
            TestFleet.TestNode newer = fleet.addNode();
            assertThat(fleet.vm("newer").getHold()).isEqualTo("of a newer build");
            assertThat(fleet.vm("known").getHold()).isEqualTo("looked at");
            fleet.fleet().unholdVm(UnholdVmRequest.newBuilder().setId("newer").build());
            assertThat(fleet.vm("newer").getHold()).isEmpty();
            assertThat(fleet.vm("newer").getPhase()).isEqualTo(VmPhase.VM_PHASE_STEADY);
            assertThat(ready(newer)).doesNotContain("newer build");
        }
    }

    private static void hold(TestFleet fleet, String vm) {
        fleet.fleet()
                .holdVm(HoldVmRequest.newBuilder()
                        .setId(vm)
                        .setReason("looked at")
                        .build());
    }

    private static Refusal refused(Runnable call) {
        try {
            call.run();
            return Refusal.getDefaultInstance();
        } catch (StatusRuntimeException e) {
            com.google.rpc.Status status = StatusProto.fromThrowable(e);
            if (status == null || status.getDetailsCount() == 0) {
                return Refusal.getDefaultInstance();
            }
            try {
                return status.getDetails(0).unpack(Refusal.class);
            } catch (InvalidProtocolBufferException bad) {
                throw new AssertionError("the details are no refusal", bad);
            }
        }
    }

    private static String ready(TestFleet.TestNode node) {
        var request = HttpRequest.newBuilder(URI.create("http://" + node.node().httpEndpoint() + "/readyz"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (java.io.IOException e) {
            throw new AssertionError("the node does not say whether it is ready", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** A kind of event that no build has. */
    private static VmEvent unknown() {
        var nothing = UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.EMPTY)
                .build();
        return VmEvent.newBuilder()
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().addField(77, nothing).build())
                .build();
    }

    private static void append(TestFleet fleet, String entity, VmEvent event) throws SQLException {
        execute(
                fleet,
                "insert into neurath.event (payload, persistence_id, seq_nr, writer, written_at, event_manifest, ser_id,"
                        + " ser_manifest) select ?, persistence_id, max(seq_nr) + 1, 'newer', 0, '', " + EVENTS
                        + ", 'vm/1' from neurath.event where persistence_id = ? group by persistence_id",
                event,
                entity);
    }

    private static void replace(TestFleet fleet, String entity, VmEvent event) throws SQLException {
        execute(
                fleet,
                "update neurath.event set payload = ? where persistence_id = ? and writer = 'newer'",
                event,
                entity);
    }

    private static void execute(TestFleet fleet, String sql, VmEvent event, String entity) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(fleet.database().jdbcUrl());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, event.toByteArray());
            statement.setString(2, entity);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }
}
