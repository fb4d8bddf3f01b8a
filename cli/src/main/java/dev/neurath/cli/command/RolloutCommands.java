package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.live.RolloutFollower;
import dev.neurath.cli.live.RolloutView;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.OutputFormat;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.Table;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.ListRolloutsRequest;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.Rollout.WaveLine;
import dev.neurath.proto.v1.RolloutsGrpc.RolloutsBlockingStub;
import dev.neurath.proto.v1.SteerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rollout", description = "Look at rollouts and steer them.", synopsisSubcommandLabel = "COMMAND")
public final class RolloutCommands extends Verb {
    private static final String ROLLOUT = "ROLLOUT";
    private static final Comparator<Rollout> NEWEST_LAST = Comparator.<Rollout, Instant>comparing(
                    rollout -> Instant.ofEpochSecond(
                            rollout.getStarted().getSeconds(),
                            rollout.getStarted().getNanos()))
            .thenComparing(Rollout::getId);
    private static final String ID = "Its id, or the beginning of it.";

    @Command(description = "All rollouts, newest last.")
    int list() {
        List<Rollout> rollouts =
                api().rollouts(stub -> stub.list(ListRolloutsRequest.getDefaultInstance())).getRolloutsList().stream()
                        .sorted(NEWEST_LAST)
                        .toList();
        printer().list("Rollout", rollouts, () -> {
            Table table = new Table(
                    "ROLLOUT",
                    "NAME",
                    "RELEASE",
                    "PHASE",
                    "WAVE",
                    "VMS",
                    "UPGRADED",
                    "AS IT WAS",
                    "LOST",
                    "STARTED",
                    "BY");
            rollouts.forEach(rollout -> table.row(
                    rollout.getId(),
                    rollout.getName(),
                    rollout.getRelease(),
                    Documents.word(rollout.getPhase()),
                    rollout.getWave() + "/" + rollout.getWavesCount(),
                    sum(rollout, WaveLine::getTotal),
                    sum(rollout, WaveLine::getUpgraded),
                    sum(rollout, WaveLine::getAsItWas),
                    sum(rollout, WaveLine::getLost),
                    Words.dateAndClock(rollout.getStarted(), console().zone()),
                    rollout.getBy()));
            return table.lines();
        });
        return ExitCode.OK;
    }

    private static String sum(Rollout rollout, ToIntFunction<WaveLine> count) {
        return String.valueOf(rollout.getWavesList().stream().mapToInt(count).sum());
    }

    @Command(description = "One rollout; -o wide lists every VM.")
    int show(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(
                            names = {"-w", "--watch"},
                            description = "Until it has ended.")
                    boolean watch) {
        Rollout rollout = get(id);
        if (watch) {
            return follow(rollout.getId(), false, null);
        }
        printer()
                .one(
                        "Rollout",
                        rollout,
                        () -> lines(rollout, console(), printer().format()));
        suggestNext(rollout);
        return ExitCode.OK;
    }

    @Command(
            name = "wait",
            description =
                    "Wait until it has ended: exit code 0 complete, 3 failed or aborted, 5 gave up waiting (it goes on).")
    int waitFor(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(names = "--timeout", paramLabel = "DURATION", description = "For example 90s, 30m, 2h.") @Nullable
                    String timeout) {
        Duration limit = timeout == null ? null : DurationText.parse("--timeout", timeout);
        return follow(get(id).getId(), true, limit);
    }

    @Command(description = "Nothing new starts; attempts in flight finish.")
    int pause(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(names = "--reason") @Nullable String reason) {
        return steer(id, reason, null, RolloutsBlockingStub::pause);
    }

    @Command(description = "Go on with a paused rollout.")
    int resume(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(names = "--reason") @Nullable String reason) {
        return steer(id, reason, null, RolloutsBlockingStub::resume);
    }

    @Command(description = "End the bake of its wave now.")
    int promote(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(names = "--reason") @Nullable String reason) {
        return steer(id, reason, null, RolloutsBlockingStub::promote);
    }

    @Command(description = "Start nothing any more; attempts in flight finish, what is upgraded stays so.")
    int abort(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(names = "--reason") @Nullable String reason) {
        return steer(id, reason, null, RolloutsBlockingStub::abort);
    }

    @Command(description = "Try the VMs again that ended as they were.")
    int retry(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(names = "--vm", paramLabel = "VM", split = ",", description = "Only these.") @Nullable
                    List<String> vms,
            @Option(names = "--reason") @Nullable String reason) {
        return steer(id, reason, vms, RolloutsBlockingStub::retry);
    }

    @Command(description = "A new rollout that takes the upgraded VMs back to the release they came from.")
    int revert(
            @Parameters(paramLabel = ROLLOUT, description = ID) String id,
            @Option(names = "--vm", paramLabel = "VM", split = ",", description = "Only these.") @Nullable
                    List<String> vms,
            @Option(names = "--reason") @Nullable String reason) {
        return steer(id, reason, vms, RolloutsBlockingStub::revert);
    }

    @Command(description = "Everything that happened to it, oldest first.")
    int history(@Parameters(paramLabel = ROLLOUT, description = ID) String id) {
        return new EventReader(api(), console(), printer()).list(EventReader.ofRollout(get(id).getId()), 0);
    }

    private Rollout get(String id) {
        GetRolloutRequest request = GetRolloutRequest.newBuilder().setId(id).build();
        return api().rollouts(stub -> stub.get(request));
    }

    private int follow(String id, boolean silent, @Nullable Duration limit) {
        return new RolloutFollower(console(), printer(), silent).follow(id, () -> get(id), limit);
    }

    private int steer(
            String id,
            @Nullable String reason,
            @Nullable List<String> vms,
            BiFunction<RolloutsBlockingStub, SteerRequest, Rollout> verb) {
        SteerRequest request = SteerRequest.newBuilder()
                .setId(get(id).getId())
                .setReason(reason == null ? "" : reason)
                .addAllVms(vms == null ? List.of() : vms)
                .build();
        Rollout rollout = api().rollouts(stub -> verb.apply(stub, request));
        printer()
                .one(
                        "Rollout",
                        rollout,
                        () -> lines(rollout, console(), printer().format()));
        suggestNext(rollout);
        return ExitCode.OK;
    }

    private void suggestNext(Rollout rollout) {
        String id = rollout.getId();
        String next = switch (rollout.getPhase()) {
            case ROLLOUT_PHASE_RUNNING -> "neurath rollout show -w " + id;
            case ROLLOUT_PHASE_BAKING -> "neurath rollout promote " + id;
            case ROLLOUT_PHASE_PAUSED -> "neurath explain " + id + "   neurath rollout resume " + id;
            case ROLLOUT_PHASE_ABORTING -> "neurath rollout wait " + id;
            case ROLLOUT_PHASE_COMPLETE, ROLLOUT_PHASE_ABORTED, ROLLOUT_PHASE_FAILED -> "neurath rollout history " + id;
            case ROLLOUT_PHASE_UNSPECIFIED, UNRECOGNIZED -> "neurath explain " + id;
        };
        console().suggest("Next:  " + next);
    }

    static List<StyledLine> lines(Rollout rollout, Console console, OutputFormat format) {
        RolloutView view = new RolloutView(console.zone());
        return format == OutputFormat.wide ? view.wide(rollout) : view.lines(rollout, Integer.MAX_VALUE);
    }
}
