package dev.neurath.cli.command;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.live.RolloutFollower;
import dev.neurath.intent.FileForms;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.Rollout;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "apply",
        description =
                "Start a rollout, from a plan that was kept or from a rollout file. A stale plan is refused (exit code 6).",
        footer = {
            "%nExample: neurath apply -w -f rollout.yaml",
            "%nThe rollout file; apiVersion, kind, metadata.name and release.qemu must be there:",
            FileForms.ROLLOUT
        })
public final class ApplyCommand extends Verb implements Callable<Integer> {
    static final class Source {
        @Parameters(index = "0", paramLabel = "PLAN", description = "A file that neurath plan --out wrote.")
        private @Nullable Path plan;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "The rollout file; - is stdin.")
        private @Nullable Path file;
    }

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = {"-w", "--watch"},
            description = "Watch it until it has ended; the exit code is 3 if it failed or was aborted.")
    private boolean watch;

    @Override
    public Integer call() {
        ApplyRequest request = request();
        Rollout rollout = api().rollouts(rollouts -> rollouts.apply(request));
        if (!watch) {
            printer()
                    .one(
                            "Rollout",
                            rollout,
                            () -> RolloutCommands.lines(
                                    rollout, console(), printer().format()));
            console().suggest("It runs. To watch it:  neurath rollout show -w " + rollout.getId());
            return ExitCode.OK;
        }
        GetRolloutRequest look =
                GetRolloutRequest.newBuilder().setId(rollout.getId()).build();
        return new RolloutFollower(console(), printer(), false)
                .follow(rollout.getId(), () -> api().rollouts(rollouts -> rollouts.get(look)), null);
    }

    private ApplyRequest request() {
        if (source.file != null) {
            // A request may reach two nodes. A plan has an id and is applied once; a file would be planned anew, on a
            // fleet that is already on its way.
            PlanRequest intent = PlanRequest.newBuilder()
                    .setYaml(IntentFiles.rollout(source.file))
                    .build();
            return ApplyRequest.newBuilder()
                    .setPlan(api().rollouts(rollouts -> rollouts.plan(intent)).getPlan())
                    .build();
        }
        Path file = java.util.Objects.requireNonNull(source.plan);
        try {
            Plan plan = Plan.parseFrom(readBytes(file));
            if (plan.getId().startsWith("p-")) {
                return ApplyRequest.newBuilder().setPlan(plan).build();
            }
        } catch (InvalidProtocolBufferException notAPlan) {
            throw notAPlan(file);
        }
        throw notAPlan(file);
    }

    private static CliFailure notAPlan(Path file) {
        return CliFailure.of(
                ExitCode.USAGE,
                file + " is not a plan",
                "neurath plan --out writes one; a rollout file is applied with  neurath apply -f " + file);
    }
}
