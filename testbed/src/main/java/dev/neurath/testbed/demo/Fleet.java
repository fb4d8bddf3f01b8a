package dev.neurath.testbed.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.cli.link.Api;
import dev.neurath.cli.link.ServerAddress;
import dev.neurath.identity.Credentials;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.Filter;
import dev.neurath.proto.v1.GetVmRequest;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.ListEventsResponse;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmPhase;
import dev.neurath.testbed.agent.FailureMode;
import dev.neurath.testbed.demo.Guests.Guest;
import dev.neurath.testbed.demo.Programs.Started;
import dev.neurath.testbed.demo.RunDirectories.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** One coordinator on a database of its own and the agents of some hosts, as real processes, spoken to through the API that anyone has. */
final class Fleet implements AutoCloseable {
    private static final Duration TO_START = Duration.ofSeconds(90);
    private static final Duration PER_CALL = Duration.ofSeconds(20);
    private static final int PAGE = 1000;

    private final Run run;
    private final Programs programs;
    private final Members members;
    private final Started coordinator;
    private final List<Started> agents = new ArrayList<>();
    private final String server;
    private final Api api;

    private Fleet(
            Run run, Programs programs, Members members, Started coordinator, String server, Credentials credentials) {
        this.run = run;
        this.programs = programs;
        this.members = members;
        this.coordinator = coordinator;
        this.server = server;
        this.api = new Api(ServerAddress.parseAll(server), PER_CALL, credentials);
    }

    /** Serves the API when this returns. */
    static Fleet start(Run run, Programs programs) throws IOException {
        Path state = run.state("coordinator");
        Members members = Members.found(run);
        Started coordinator = programs.start(
                "coordinator",
                "coordinator",
                "dev.neurath.coordinator.NodeMain",
                List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                List.of(
                        "--state",
                        state.toString(),
                        "--tls",
                        members.node().toString(),
                        "--api",
                        "127.0.0.1:0",
                        "--http",
                        "127.0.0.1:0"));
        Credentials credentials = members.admin();
        coordinator.await("being ready", TO_START, () -> says(coordinator.log(), "ready: "));
        JsonNode node = new ObjectMapper().readTree(state.resolve("node.json").toFile());
        return new Fleet(run, programs, members, coordinator, node.path("api").asText(), credentials);
    }

    private static boolean says(Path log, String beginning) {
        try {
            return Files.readAllLines(log).stream().anyMatch(line -> line.startsWith(beginning));
        } catch (IOException notYet) {
            return false;
        }
    }

    String server() {
        return server;
    }

    Api api() {
        return api;
    }

    /** Returns when all of them are connected. */
    void startAgents(int hosts, List<Guest> guests, FailureMode mode) throws IOException {
        for (int i = 0; i < hosts; i++) {
            String host = Guests.host(i);
            for (Guest guest : guests) {
                if (guest.deliberateFailure() && guest.host().equals(host)) {
                    Path faults = Files.createDirectories(run.state(host).resolve("faults"));
                    Files.writeString(faults.resolve(guest.id()), mode.word());
                }
            }
            agents.add(programs.start(
                    host,
                    "testbed",
                    "dev.neurath.testbed.agent.TestbedAgentMain",
                    List.of("-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                    List.of(
                            "--host",
                            host,
                            "--tls",
                            members.agent(host).toString(),
                            "--coordinator",
                            server,
                            "--state",
                            run.state(host).toString(),
                            "--run",
                            run.sockets(host).toString(),
                            "--ram",
                            run.ram(host).toString(),
                            "--label",
                            "rack=r" + i)));
        }
        for (Started agent : agents) {
            agent.await("connecting", TO_START, () -> connected().contains(agent.name()));
        }
    }

    private Set<String> connected() {
        return api.fleet(fleet -> fleet.listHosts(ListHostsRequest.getDefaultInstance())).getHostsList().stream()
                .filter(host -> host.getState().equals("CONNECTED"))
                .map(Host::getId)
                .collect(Collectors.toSet());
    }

    /** @param manifest as the testbed's catalogue writes it */
    String register(ObjectNode manifest) {
        Release.Builder release = Release.newBuilder()
                .setId(manifest.path("id").asText())
                .setVersion(manifest.path("version").asText());
        manifest.path("argvPrefix").forEach(word -> release.addArgvPrefix(word.asText()));
        manifest.path("environment")
                .properties()
                .forEach(variable -> release.putEnvironment(
                        variable.getKey(), variable.getValue().asText()));
        manifest.path("files")
                .forEach(file -> release.addFiles(Release.File.newBuilder()
                        .setPath(file.path("path").asText())
                        .setSha256(file.path("sha256").asText())));
        Release signed = members.signed(release.build());
        api.fleet(fleet -> fleet.registerRelease(
                RegisterReleaseRequest.newBuilder().setRelease(signed).build()));
        return release.getId();
    }

    /** Orders all, then waits until each one is there. */
    void startGuests(List<Guest> guests) throws IOException {
        for (Guest guest : guests) {
            StartVmRequest request = StartVmRequest.newBuilder()
                    .setSpec(guest.spec())
                    .setHost(guest.host())
                    .build();
            api.fleet(fleet -> fleet.startVm(request));
        }
        for (Guest guest : guests) {
            coordinator.await("starting " + guest.id(), TO_START, () -> isSteady(guest.id()));
            ProcessIdentity qemu = process(vm(guest.id()));
            programs.note(qemu);
        }
    }

    static ProcessIdentity process(Vm vm) {
        return new ProcessIdentity(
                vm.getProcess().getBootId(),
                vm.getProcess().getPid(),
                vm.getProcess().getStartTicks(),
                vm.getId());
    }

    private boolean isSteady(String id) {
        Vm vm = vm(id);
        if (vm.getPhase() == VmPhase.VM_PHASE_GONE || !vm.getTrouble().isEmpty()) {
            throw new DemoFailure(id + " did not start: " + vm.getTrouble() + " "
                    + events(id).getLast().getSentence());
        }
        return vm.getPhase() == VmPhase.VM_PHASE_STEADY;
    }

    Vm vm(String id) {
        return api.fleet(
                fleet -> fleet.getVm(GetVmRequest.newBuilder().setId(id).build()));
    }

    /** Everything the journal has about one VM. */
    List<Event> events(String vm) {
        List<Event> events = new ArrayList<>();
        Start from = Start.newBuilder().setOldest(true).build();
        while (true) {
            ListEventsRequest request = ListEventsRequest.newBuilder()
                    .setStart(from)
                    .setFilter(Filter.newBuilder().addSubjects("vm/" + vm))
                    .setLimit(PAGE)
                    .build();
            ListEventsResponse page = api.events(feed -> feed.list(request));
            events.addAll(page.getEventsList());
            if (page.getEventsCount() < PAGE) {
                return events;
            }
            from = Start.newBuilder().setAfter(page.getCursor()).build();
        }
    }

    @Override
    public void close() {
        api.close();
    }
}
