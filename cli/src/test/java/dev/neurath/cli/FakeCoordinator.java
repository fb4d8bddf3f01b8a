package dev.neurath.cli;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.FleetGrpc;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.GetVmRequest;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.ListEventsResponse;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.ListHostsResponse;
import dev.neurath.proto.v1.ListReleasesRequest;
import dev.neurath.proto.v1.ListReleasesResponse;
import dev.neurath.proto.v1.ListRolloutsRequest;
import dev.neurath.proto.v1.ListRolloutsResponse;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.ListVmsResponse;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.PlanResponse;
import dev.neurath.proto.v1.Refusal;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutsGrpc;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.SteerRequest;
import dev.neurath.proto.v1.StopVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A coordinator node on a loopback port that knows one fleet by heart and refuses what it is told to refuse. */
public final class FakeCoordinator implements AutoCloseable {
    public final Deque<Rollout> looks = new ArrayDeque<>();
    public final List<Vm> vms = new ArrayList<>();
    public final List<Event> events = new ArrayList<>();
    public final List<Object> requests = new CopyOnWriteArrayList<>();
    public Plan plan = Plan.getDefaultInstance();
    /** The stream breaks off after so many events. */
    public int breakAfter = Integer.MAX_VALUE;
    /** Rows that a list looks at for one page, whether they match or not. */
    public int looksAt = Integer.MAX_VALUE;
    /** After so many answers nobody serves any more. */
    public int goneAfter = Integer.MAX_VALUE;
    /** Of rollouts, for a list. */
    public final List<Rollout> all = new ArrayList<>();

    private final Server server;
    private @Nullable StatusRuntimeException refusal;

    public FakeCoordinator() {
        try {
            server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                    .addService(new Rollouts())
                    .addService(new Fleet())
                    .addService(new Feed())
                    .build()
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    public void refuseWith(Code status, String code, String sentence, String wayOut) {
        Refusal details = Refusal.newBuilder()
                .setCode(code)
                .setSentence(sentence)
                .setWayOut(wayOut)
                .build();
        refusal = StatusProto.toStatusRuntimeException(Status.newBuilder()
                .setCode(status.value())
                .setMessage(sentence)
                .addDetails(Any.pack(details))
                .build());
    }

    public void failWith(io.grpc.Status status) {
        refusal = status.asRuntimeException();
    }

    private <T> void answer(Object request, StreamObserver<T> to, T answer) {
        requests.add(request);
        if (requests.size() > goneAfter) {
            to.onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
            return;
        }
        if (refusal != null) {
            to.onError(refusal);
            return;
        }
        to.onNext(answer);
        to.onCompleted();
    }

    private Rollout look() {
        Rollout next = looks.size() > 1 ? looks.poll() : looks.peek();
        return next == null ? Rollout.getDefaultInstance() : next;
    }

    private final class Rollouts extends RolloutsGrpc.RolloutsImplBase {
        @Override
        public void plan(PlanRequest request, StreamObserver<PlanResponse> to) {
            answer(request, to, PlanResponse.newBuilder().setPlan(plan).build());
        }

        @Override
        public void apply(ApplyRequest request, StreamObserver<Rollout> to) {
            answer(request, to, look());
        }

        @Override
        public void get(GetRolloutRequest request, StreamObserver<Rollout> to) {
            answer(request, to, look());
        }

        @Override
        public void list(ListRolloutsRequest request, StreamObserver<ListRolloutsResponse> to) {
            answer(
                    request,
                    to,
                    ListRolloutsResponse.newBuilder().addAllRollouts(all).build());
        }

        @Override
        public void pause(SteerRequest request, StreamObserver<Rollout> to) {
            answer(request, to, look());
        }
    }

    private final class Fleet extends FleetGrpc.FleetImplBase {
        @Override
        public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> to) {
            answer(request, to, ListHostsResponse.getDefaultInstance());
        }

        @Override
        public void listReleases(ListReleasesRequest request, StreamObserver<ListReleasesResponse> to) {
            answer(request, to, ListReleasesResponse.getDefaultInstance());
        }

        @Override
        public void listVms(ListVmsRequest request, StreamObserver<ListVmsResponse> to) {
            answer(request, to, ListVmsResponse.newBuilder().addAllVms(vms).build());
        }

        @Override
        public void getVm(GetVmRequest request, StreamObserver<Vm> to) {
            Vm found = vms.stream()
                    .filter(vm -> vm.getId().equals(request.getId()))
                    .findFirst()
                    .orElseThrow();
            answer(request, to, found);
        }

        @Override
        public void stopVm(StopVmRequest request, StreamObserver<Vm> to) {
            answer(request, to, Vm.newBuilder().setId(request.getId()).build());
        }

        @Override
        public void startVm(StartVmRequest request, StreamObserver<Vm> to) {
            answer(
                    request,
                    to,
                    Vm.newBuilder()
                            .setId(request.getSpec().getId())
                            .setSpec(request.getSpec())
                            .build());
        }
    }

    private final class Feed extends EventFeedGrpc.EventFeedImplBase {
        @Override
        public void list(ListEventsRequest request, StreamObserver<ListEventsResponse> to) {
            int from = request.getStart().hasAfter()
                    ? Integer.parseInt(request.getStart().getAfter())
                    : 0;
            int looked = (int) Math.min(events.size(), (long) from + Math.min(looksAt, request.getLimit()));
            List<String> subjects = request.getFilter().getSubjectsList();
            List<Event> page = events.subList(from, looked).stream()
                    .filter(event -> subjects.isEmpty() || subjects.contains(event.getSubject()))
                    .toList();
            String cursor = String.valueOf(looked);
            answer(
                    request,
                    to,
                    ListEventsResponse.newBuilder()
                            .addAllEvents(page)
                            .setCursor(cursor)
                            .setMore(looked < events.size())
                            .build());
        }

        @Override
        public void watch(WatchRequest request, StreamObserver<WatchResponse> to) {
            requests.add(request);
            int from = request.getStart().hasAfter()
                    ? Integer.parseInt(request.getStart().getAfter())
                    : 0;
            events.stream()
                    .skip(from)
                    .limit(breakAfter)
                    .forEach(event ->
                            to.onNext(WatchResponse.newBuilder().setEvent(event).build()));
            if (from + breakAfter < events.size()) {
                to.onError(
                        io.grpc.Status.UNAVAILABLE.withDescription("going down").asRuntimeException());
            } else {
                to.onError(io.grpc.Status.OUT_OF_RANGE
                        .withDescription("the test's end")
                        .asRuntimeException());
            }
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
