package dev.neurath.cli.command;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.intent.FileForms;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.PlanResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "plan",
        description = "What would happen, to whom, why not to the rest. Changes nothing.",
        footer = {
            "%nExample: neurath plan -f rollout.yaml --out rollout.plan",
            "%nThe rollout file; apiVersion, kind, metadata.name and release.qemu must be there:",
            FileForms.ROLLOUT
        })
public final class PlanCommand extends Verb implements Callable<Integer> {
    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "The rollout file; - is stdin.")
    private Path file = Path.of("-");

    @Option(names = "--out", paramLabel = "FILE", description = "Keep the plan, to apply exactly it.")
    private @Nullable Path out;

    @Option(names = "--skipped", description = "List every VM that is left out, with its reason.")
    private boolean skipped;

    @Override
    public Integer call() {
        String yaml = IntentFiles.rollout(file);
        PlanResponse answer = api().rollouts(rollouts ->
                rollouts.plan(PlanRequest.newBuilder().setYaml(yaml).build()));
        Plan plan = answer.getPlan();
        if (out != null) {
            keep(plan, out);
        }
        printer().one("Plan", plan, () -> PlanView.lines(answer, skipped));
        console()
                .suggest("Nothing has been changed. To start:  neurath apply "
                        + (out == null ? "-w -f " + file : "-w " + out));
        return ExitCode.OK;
    }

    private static void keep(Plan plan, Path file) {
        try {
            Files.write(file, plan.toByteArray());
        } catch (IOException failure) {
            throw CliFailure.of(ExitCode.ERROR, "cannot write the plan to " + file + ": " + failure.getMessage(), "");
        }
    }
}
