package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.coordinator.testing.FeedFollower;
import dev.neurath.coordinator.testing.ScriptedAgent;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.proto.v1.AdoptVmsRequest;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.ExplainRequest;
import dev.neurath.proto.v1.FreezeRequest;
import dev.neurath.proto.v1.GetVmRequest;
import dev.neurath.proto.v1.HoldVmRequest;
import dev.neurath.proto.v1.Inspection;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.QemuProcess;
import dev.neurath.proto.v1.Refusal;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.SteerRequest;
import dev.neurath.proto.v1.StopVmRequest;
import dev.neurath.proto.v1.ThawRequest;
import dev.neurath.proto.v1.VmPhase;
import dev.neurath.proto.v1.VmProgress;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One node, one database, an agent over real gRPC. Each test has VMs of its own, chosen by a label in their ids. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OneNodeTest {
    private static final Duration SIX_MILLIS =
            Duration.newBuilder().setNanos(6_000_000).build();

    private final Instant before = Instant.now();
    private TestFleet fleet;
    private TestFleet.TestNode node;
    private ScriptedAgent agent;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        fleet = TestFleet.create(directory);
        node = fleet.addNode();
        agent = fleet.addAgent("h1", Map.of("rack", "a"));
        fleet.registerReleases();
    }

    @AfterAll
    void stop() throws Exception {
        fleet.close();
    }

    @Test
    void a_vm_is_started_by_its_hosts_agent_and_stopped_for_good() {
        fleet.startVms("h1", "life");
        assertThat(fleet.vm("life").getRevision().getVersion()).isEqualTo("10.0.2");
        fleet.fleet().stopVm(StopVmRequest.newBuilder().setId("life").build());
        fleet.awaitPhase("life", VmPhase.VM_PHASE_GONE);
        assertThat(agent.effects("life")).containsExactly("start g1", "stop g2");
        assertThat(explain("life")).contains("GONE").contains("VM life ended: Stopped by its owner");
    }

    @Test
    void vms_that_others_started_are_adopted_and_those_that_cannot_be_are_told_with_their_reason() {
        var process = QemuProcess.newBuilder()
                .setBootId("boot")
                .setPid(4711)
                .setStartTicks(7)
                .setQmp("/vms/a.qmp");
        agent.answerWith(Answer.newBuilder()
                .setInspection(Inspection.newBuilder()
                        .addCandidates(Inspection.Candidate.newBuilder()
                                .addSockets("/vms/a.qmp")
                                .setProcess(process)
                                .setSpec(TestFleet.spec("adopt-me")))
                        .addCandidates(Inspection.Candidate.newBuilder()
                                .addSockets("/vms/b.qmp")
                                .setRefusal(dev.neurath.proto.v1.Refusal.newBuilder()
                                        .setCode("MEMORY_PRIVATE")
                                        .setSentence("Memory 'ram' is private."))))
                .build());
        var asked = AdoptVmsRequest.newBuilder().setHost("h1").setQmp("/vms").putLabels("tier", "web");
        var found = fleet.fleet().adoptVms(asked.build()).getFoundList();

        assertThat(found).hasSize(2);
        assertThat(found.getFirst().getVm().getId()).isEqualTo("adopt-me");
        assertThat(found.getLast().getRefusal().getCode()).isEqualTo("MEMORY_PRIVATE");
        fleet.awaitPhase("adopt-me", VmPhase.VM_PHASE_STEADY);
        assertThat(fleet.vm("adopt-me").getProcess().getPid()).isEqualTo(4711);
        assertThat(fleet.vm("adopt-me").getSpec().getLabelsMap()).containsEntry("tier", "web");
        assertThat(agent.effects("adopt-me")).containsExactly("adopt g1");
        // Again it is the same process, and a single id is for a single VM.
        assertThat(fleet.fleet().adoptVms(asked.build()).getFound(0).hasVm()).isTrue();
        assertThatThrownBy(() -> fleet.fleet().adoptVms(asked.setId("one").build()))
                .hasMessageContaining("2 VMs were found");

        Rollout rollout = apply("adopted", "adopt-me");
        fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
        assertThat(agent.effects("adopt-me")).containsExactly("adopt g1", "switch g2");
    }

    @Test
    void a_rollout_hands_every_vm_over_once_and_completes() {
        fleet.startVms("h1", "roll-1", "roll-2", "roll-3");
        Rollout rollout = apply("rolling", "roll-1", "roll-2", "roll-3");
        Rollout done = fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
        assertThat(done.getVmsList())
                .hasSize(3)
                .allMatch(line -> line.getProgress() == VmProgress.VM_PROGRESS_UPGRADED)
                .allMatch(line -> line.getPause().getMeasured().equals(SIX_MILLIS));
        for (String vm : List.of("roll-1", "roll-2", "roll-3")) {
            assertThat(fleet.vm(vm).getRevision().getVersion()).isEqualTo("11.1.3");
            assertThat(agent.effects(vm)).containsExactly("start g1", "switch g2");
        }
    }

    @Test
    void a_refusal_and_a_rollback_leave_the_vm_as_it_was_and_the_limit_pauses_the_rollout() {
        fleet.startVms("h1", "bad-1", "bad-2");
        agent.refuse("bad-1");
        agent.rollBack("bad-2");
        Rollout rollout = apply("unlucky", "bad-1", "bad-2");
        Rollout paused = fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_PAUSED);
        assertThat(paused.getReason()).isNotEmpty();
        fleet.await(
                "both have ended",
                () -> fleet.rollout(rollout.getId()).getVmsList().stream()
                        .noneMatch(line -> line.getProgress() == VmProgress.VM_PROGRESS_IN_FLIGHT));
        assertThat(fleet.vm("bad-1").getRevision().getVersion()).isEqualTo("10.0.2");
        assertThat(fleet.vm("bad-2").getLastEnd()).contains("The new QEMU refused the device state");
        assertThat(explain("bad-2")).contains("STEADY").contains("as it was");
        fleet.rollouts()
                .abort(SteerRequest.newBuilder()
                        .setId(rollout.getId())
                        .setReason("seen enough")
                        .build());
        fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_ABORTED);
    }

    @Test
    void a_frozen_fleet_starts_nothing_until_it_is_thawed() {
        fleet.startVms("h1", "ice-1");
        fleet.rollouts()
                .freeze(FreezeRequest.newBuilder().setReason("incident 7").build());
        Rollout rollout = apply("frozen", "ice-1");
        assertThat(explain(rollout.getId())).contains("incident 7");
        assertThat(agent.effects("ice-1")).containsExactly("start g1");
        assertThat(fleet.rollout(rollout.getId()).getWaves(0).getWaiting()).isEqualTo(1);
        fleet.rollouts().thaw(ThawRequest.getDefaultInstance());
        fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
        assertThat(agent.effects("ice-1")).containsExactly("start g1", "switch g2");
    }

    @Test
    void of_two_rollouts_that_want_one_vm_only_one_gets_it() {
        fleet.startVms("h1", "two-1");
        // Both plans hold while nothing starts.
        fleet.rollouts().freeze(FreezeRequest.newBuilder().setReason("together").build());
        Rollout first = apply("first", "two-1");
        Rollout second = apply("second", "two-1");
        fleet.rollouts().thaw(ThawRequest.getDefaultInstance());
        fleet.await(
                "both have ended",
                () -> List.of(first, second).stream()
                        .allMatch(r -> fleet.rollout(r.getId()).getWaves(0).getWaiting()
                                        + fleet.rollout(r.getId()).getWaves(0).getInFlight()
                                == 0));
        assertThat(agent.effects("two-1")).containsExactly("start g1", "switch g2");
        assertThat(List.of(first, second))
                .extracting(r -> fleet.rollout(r.getId()).getVms(0).getProgress())
                .containsExactlyInAnyOrder(VmProgress.VM_PROGRESS_UPGRADED, VmProgress.VM_PROGRESS_REFUSED);
    }

    @Test
    void the_same_intent_gives_the_same_plan_and_a_changed_fleet_makes_it_stale() {
        fleet.startVms("h1", "same-1", "same-2");
        Plan once = plan("same", "same-1", "same-2");
        Plan again = plan("same", "same-1", "same-2");
        assertThat(again.toBuilder().clearGeneration().build())
                .isEqualTo(once.toBuilder().clearGeneration().build());
        fleet.fleet()
                .holdVm(HoldVmRequest.newBuilder()
                        .setId("same-2")
                        .setReason("month's end")
                        .build());
        StatusRuntimeException stale = refused(() ->
                fleet.rollouts().apply(ApplyRequest.newBuilder().setPlan(once).build()));
        assertThat(refusal(stale).getCode()).isEqualTo("STALE_PLAN");
        assertThat(stale.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(plan("same", "same-1", "same-2").getSkippedList())
                .anyMatch(skip -> skip.getRefusal().getCode().equals("HELD_BY_OWNER"));
    }

    @Test
    void what_an_agent_tried_without_a_guest_is_asked_once_for_a_shape_and_decides_the_plan() {
        var shape = TestFleet.spec("clone-1").toBuilder()
                .addExtraArguments("-device")
                .addExtraArguments("isa-vga");
        agent.refuseClonesOf("clone-1");
        for (String vm : List.of("clone-1", "clone-2")) {
            fleet.fleet()
                    .startVm(StartVmRequest.newBuilder()
                            .setSpec(shape.setId(vm))
                            .setHost("h1")
                            .build());
            fleet.awaitPhase(vm, VmPhase.VM_PHASE_STEADY);
        }
        Plan plan = plan("tried", "clone-1", "clone-2");
        assertThat(plan.getSkippedList()).hasSize(2).allSatisfy(skip -> {
            assertThat(skip.getRefusal().getCode()).isEqualTo("CLONE_REFUSED");
            assertThat(skip.getRefusal().getSentence()).contains("rings too large");
        });
        assertThat(plan("tried", "clone-1", "clone-2").getId()).isEqualTo(plan.getId());
        assertThat(agent.asked("clone-1") + agent.asked("clone-2")).isEqualTo(1);
        assertThat(agent.effects("clone-1")).containsExactly("start g1");
        assertThat(explain("clone-2"))
                .contains("by shared-ram: will not work, CLONE_REFUSED")
                .contains("evidence: a clone without a guest")
                .contains("rings too large");
    }

    @Test
    void nothing_is_decided_from_a_view_that_a_transaction_left_open_elsewhere_holds_back() throws Exception {
        fleet.startVms("h1", "late-1", "late-2");
        try (Connection open = DriverManager.getConnection(fleet.database().jdbcUrl());
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("select pg_current_xact_id()");
            fleet.fleet()
                    .holdVm(HoldVmRequest.newBuilder()
                            .setId("late-2")
                            .setReason("month's end")
                            .build());
            StatusRuntimeException old = refused(() -> plan("late", "late-1", "late-2"));
            assertThat(old.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            open.rollback();
        }
        assertThat(plan("late", "late-1", "late-2").getSkippedList())
                .anyMatch(skip -> skip.getRefusal().getCode().equals("HELD_BY_OWNER"));
    }

    @Test
    void applying_a_plan_that_is_being_carried_out_answers_with_its_rollout() {
        fleet.startVms("h1", "once-1");
        agent.hang("once-1");
        Plan plan = plan("once", "once-1");
        var request = ApplyRequest.newBuilder().setPlan(plan).build();
        Rollout first = fleet.rollouts().apply(request);
        Rollout second = fleet.rollouts().apply(request);
        assertThat(second.getId()).isEqualTo(first.getId());
        agent.upgrade("once-1");
        fleet.awaitRollout(first.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
    }

    @Test
    void an_upgraded_vm_is_taken_back_by_a_revert() {
        fleet.startVms("h1", "back-1");
        Rollout there = apply("there", "back-1");
        fleet.awaitRollout(there.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
        Rollout back = fleet.rollouts()
                .revert(SteerRequest.newBuilder().setId(there.getId()).build());
        assertThat(back.getId()).isNotEqualTo(there.getId());
        fleet.awaitRollout(back.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
        assertThat(fleet.vm("back-1").getRevision().getRelease()).isEqualTo(TestFleet.OLD);
    }

    @Test
    void the_feed_has_every_row_of_the_journal_once_and_in_the_order_of_each_subject() {
        fleet.startVms("h1", "feed-1");
        fleet.awaitRollout(apply("fed", "feed-1").getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
        try (var follower = FeedFollower.oldest(fleet.channel(node));
                Database database =
                        Database.open(DatabaseSettings.of(fleet.database().jdbcUrl()))) {
            long rows = new FeedLog(database).countRows();
            fleet.await("all rows were sent", () -> follower.events().size() >= rows);
            Map<String, List<Event>> bySubject =
                    follower.events().stream().collect(Collectors.groupingBy(Event::getSubject));
            bySubject.forEach((subject, events) -> {
                for (int i = 0; i < events.size(); i++) {
                    assertThat(events.get(i).getSequence()).isEqualTo(i + 1L);
                    assertThat(events.get(i).getId()).isEqualTo(subject + "#" + (i + 1));
                    assertThat(events.get(i).getSentence()).endsWith(".");
                    assertThat(Instant.ofEpochSecond(events.get(i).getTime().getSeconds()))
                            .isBetween(before.minusSeconds(1), Instant.now());
                    assertThat(events.get(i).getData().getTypeUrl()).startsWith("type.googleapis.com/neurath.v1.");
                }
            });
            assertThat(bySubject.keySet()).contains("vm/feed-1", "host/h1", "budget/fleet", "releases/fleet");
            Event handedOver = bySubject.getOrDefault("vm/feed-1", List.of()).stream()
                    .filter(e -> e.getType().equals("neurath.vm.handed-over.v1"))
                    .findFirst()
                    .orElseThrow();
            assertThat(handedOver.getHost()).isEqualTo("h1");
            assertThat(handedOver.getGeneration()).isEqualTo(2);
            assertThat(handedOver.getRollout()).startsWith("r-");
            assertThat(handedOver.getSentence()).contains("6.0 ms");
        }
    }

    @Test
    void a_reader_goes_on_after_its_cursor_and_is_told_of_a_gap_or_of_nonsense() {
        fleet.startVms("h1", "cursor-1");
        var all = fleet.feed(node)
                .list(ListEventsRequest.newBuilder().setLimit(1000).build());
        String middle = all.getEvents(all.getEventsCount() / 2).getCursor();
        try (var follower = FeedFollower.after(fleet.channel(node), middle)) {
            fleet.await(
                    "the rest was sent",
                    () -> follower.events().size() >= all.getEventsCount() - all.getEventsCount() / 2 - 1);
            assertThat(follower.events().getFirst().getId())
                    .isEqualTo(all.getEvents(all.getEventsCount() / 2 + 1).getId());
        }
        String epoch = middle.substring(0, middle.indexOf('~'));
        try (var follower = FeedFollower.after(fleet.channel(node), epoch + "~999999999-1")) {
            fleet.await("a gap is announced", () -> !follower.gaps().isEmpty());
            fleet.await("it goes on", () -> !follower.events().isEmpty());
        }
        try (var follower = FeedFollower.after(fleet.channel(node), "12345.1~3-1")) {
            fleet.await("a gap is announced", () -> !follower.gaps().isEmpty());
        }
        StatusRuntimeException nonsense = refused(() -> fleet.feed(node)
                .list(ListEventsRequest.newBuilder()
                        .setStart(Start.newBuilder().setAfter("yesterday"))
                        .build()));
        assertThat(nonsense.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v1alpha"})
    void a_client_that_knows_no_proto_file_finds_the_feed_by_reflection(String version) {
        // Both versions have the same messages under two names.
        MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> method =
                ServerReflectionGrpc.getServerReflectionInfoMethod().toBuilder()
                        .setFullMethodName("grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo")
                        .build();
        ServerReflectionRequest request = ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("neurath.v1.EventFeed")
                .build();
        Iterator<ServerReflectionResponse> answers = ClientCalls.blockingServerStreamingCall(
                fleet.channel(node), method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request);
        assertThat(answers.next().getFileDescriptorResponse().getFileDescriptorProtoList())
                .anySatisfy(
                        file -> assertThat(FileDescriptorProto.parseFrom(file).getName())
                                .isEqualTo("neurath/v1/feed.proto"));
    }

    @Test
    void bad_input_is_refused_with_the_field_and_the_unknown_with_not_found() {
        StatusRuntimeException unknown = refused(() ->
                fleet.fleet().getVm(GetVmRequest.newBuilder().setId("nobody").build()));
        assertThat(unknown.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusal(unknown).getCode()).isEqualTo("VM_UNKNOWN");
        StatusRuntimeException selector = refused(() -> fleet.fleet()
                .listVms(ListVmsRequest.newBuilder().setSelector("rack in (").build()));
        assertThat(selector.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        StatusRuntimeException yaml = refused(() -> fleet.rollouts()
                .plan(PlanRequest.newBuilder()
                        .setYaml(yaml("x", "nobody") + "surprise: true\n")
                        .build()));
        assertThat(yaml.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(yaml.getStatus().getDescription()).contains("surprise").contains("line");
        StatusRuntimeException release = refused(() -> fleet.fleet()
                .startVm(StartVmRequest.newBuilder()
                        .setSpec(TestFleet.spec("x").toBuilder().setRelease("qemu-0"))
                        .build()));
        assertThat(release.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusal(release).getCode()).isEqualTo("RELEASE_UNKNOWN");
        StatusRuntimeException nothing = refused(() -> plan("x", "nobody"));
        assertThat(refusal(nothing).getCode()).isEqualTo("SELECTOR_MATCHES_NOTHING");
    }

    @Test
    void a_release_means_the_same_for_ever() {
        var same = RegisterReleaseRequest.newBuilder()
                .setRelease(TestFleet.release(TestFleet.OLD, "10.0.2"))
                .build();
        assertThat(fleet.fleet().registerRelease(same).getCreated()).isFalse();
        StatusRuntimeException differs = refused(() -> fleet.fleet()
                .registerRelease(RegisterReleaseRequest.newBuilder()
                        .setRelease(TestFleet.release(TestFleet.OLD, "10.0.3"))
                        .build()));
        assertThat(refusal(differs).getCode()).isEqualTo("RELEASE_DIFFERS");
    }

    @Test
    void a_silent_guest_is_quarantined_and_explained() {
        fleet.startVms("h1", "silent-1");
        agent.fallSilent("silent-1");
        Rollout rollout = apply("silence", "silent-1");
        fleet.awaitPhase("silent-1", VmPhase.VM_PHASE_QUARANTINED);
        assertThat(explain("silent-1")).contains("GUEST_SILENT").contains("neurath vm release silent-1");
        assertThat(explain("GUEST_SILENT")).contains("silent-1");
        assertThat(explain(rollout.getId())).contains(rollout.getId());
    }

    private Rollout apply(String name, String... vms) {
        return fleet.rollouts()
                .apply(ApplyRequest.newBuilder().setYaml(yaml(name, vms)).build());
    }

    private Plan plan(String name, String... vms) {
        return fleet.rollouts()
                .plan(PlanRequest.newBuilder().setYaml(yaml(name, vms)).build())
                .getPlan();
    }

    private static String yaml(String name, String... vms) {
        return """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: %s }
                release: { qemu: %s }
                select: { vms: "id in (%s)" }
                limits: { vmsInFlight: 10, perHost: 10, failures: 1, quarantined: 1 }
                """.formatted(name, TestFleet.NEW, String.join(",", vms));
    }

    private String explain(String subject) {
        var answer = fleet.fleet()
                .explain(ExplainRequest.newBuilder().setSubject(subject).build());
        return answer.toString();
    }

    private static StatusRuntimeException refused(ThrowingCallable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call);
    }

    private static Refusal refusal(StatusRuntimeException failure) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status == null) {
            throw new AssertionError("no status in " + failure);
        }
        try {
            return status.getDetails(0).unpack(Refusal.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("the details are no refusal", e);
        }
    }
}
