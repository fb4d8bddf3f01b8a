package dev.neurath.codec;

import static dev.neurath.codec.Fields.require;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.budget.Budget;
import dev.neurath.model.rollout.Limits;
import dev.neurath.model.rollout.OnLimit;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.Window;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;

/** A plan, model to protobuf and back: what the API shows is what the journal keeps. */
public final class PlanCodec {
    private PlanCodec() {}

    public static dev.neurath.proto.v1.Plan encode(Plan plan) {
        return dev.neurath.proto.v1.Plan.newBuilder()
                .setId(plan.id())
                .setFleet(plan.fleet().value())
                .setGeneration(plan.generation())
                .setName(plan.name())
                .setRelease(plan.release().value())
                .setToVersion(plan.toVersion())
                .addAllWaves(plan.waves().stream().map(PlanCodec::encode).toList())
                .addAllSkipped(plan.skipped().stream().map(PlanCodec::encode).toList())
                .setLimits(encode(plan.limits()))
                .putAllLabels(plan.labels())
                .addAllWindows(plan.windows().stream().map(PlanCodec::encode).toList())
                .setYaml(plan.yaml())
                .build();
    }

    public static Plan decode(dev.neurath.proto.v1.Plan message) {
        require(message.hasLimits(), "Plan.limits");
        return new Plan(
                message.getId(),
                Fields.fleet(message.getFleet(), "Plan.fleet"),
                message.getGeneration(),
                message.getName(),
                Fields.release(message.getRelease(), "Plan.release"),
                message.getToVersion(),
                message.getWavesList().stream().map(PlanCodec::decode).toList(),
                message.getSkippedList().stream().map(PlanCodec::decode).toList(),
                decode(message.getLimits()),
                new TreeMap<>(message.getLabelsMap()),
                message.getWindowsList().stream().map(PlanCodec::decode).toList(),
                message.getYaml());
    }

    private static dev.neurath.proto.v1.Plan.Wave encode(Plan.Wave wave) {
        return dev.neurath.proto.v1.Plan.Wave.newBuilder()
                .setName(wave.name())
                .setBake(Fields.encode(wave.bake()))
                .setManual(wave.manual())
                .addAllAssignments(
                        wave.assignments().stream().map(PlanCodec::encode).toList())
                .build();
    }

    private static Plan.Wave decode(dev.neurath.proto.v1.Plan.Wave message) {
        return new Plan.Wave(
                message.getName(),
                Fields.duration(message.hasBake(), message.getBake(), "Plan.Wave.bake"),
                message.getManual(),
                message.getAssignmentsList().stream().map(PlanCodec::decode).toList());
    }

    private static dev.neurath.proto.v1.Plan.Assignment encode(Plan.Assignment part) {
        Plan.Hop first = part.hops().getFirst();
        return dev.neurath.proto.v1.Plan.Assignment.newBuilder()
                .setVm(part.vm().value())
                .setHost(part.host().value())
                .setRack(part.rack())
                .setZone(part.zone())
                .setFromRelease(first.from().value())
                .setFromVersion(first.fromVersion())
                .setToRelease(first.to().value())
                .setMethod(VmCodec.encode(first.methods().getFirst()))
                .setPauseLimit(Fields.encode(part.pauseLimit()))
                .addAllCandidates(encode(first.candidates()))
                .addAllFurtherHops(
                        part.hops().stream().skip(1).map(PlanCodec::encode).toList())
                .build();
    }

    private static dev.neurath.proto.v1.Plan.Hop encode(Plan.Hop hop) {
        return dev.neurath.proto.v1.Plan.Hop.newBuilder()
                .setFromRelease(hop.from().value())
                .setFromVersion(hop.fromVersion())
                .setToRelease(hop.to().value())
                .addAllCandidates(encode(hop.candidates()))
                .build();
    }

    private static List<dev.neurath.proto.v1.Plan.Candidate> encode(List<Plan.Candidate> candidates) {
        return candidates.stream().map(PlanCodec::encode).toList();
    }

    private static dev.neurath.proto.v1.Plan.Candidate encode(Plan.Candidate candidate) {
        var out = dev.neurath.proto.v1.Plan.Candidate.newBuilder()
                .setMethod(VmCodec.encode(candidate.method()))
                .setRehearsal(VmCodec.encode(candidate.rehearsal()));
        if (candidate.refusal() != null) {
            out.setRefusal(VmCodec.encode(candidate.refusal()));
        }
        return out.build();
    }

    private static Plan.Assignment decode(dev.neurath.proto.v1.Plan.Assignment message) {
        var hops = new ArrayList<Plan.Hop>();
        hops.add(hop(
                Fields.release(message.getFromRelease(), "Plan.Assignment.from_release"),
                message.getFromVersion(),
                Fields.release(message.getToRelease(), "Plan.Assignment.to_release"),
                message.getCandidatesList()));
        for (dev.neurath.proto.v1.Plan.Hop further : message.getFurtherHopsList()) {
            hops.add(hop(
                    Fields.release(further.getFromRelease(), "Plan.Hop.from_release"),
                    further.getFromVersion(),
                    Fields.release(further.getToRelease(), "Plan.Hop.to_release"),
                    further.getCandidatesList()));
        }
        return new Plan.Assignment(
                Fields.vm(message.getVm(), "Plan.Assignment.vm"),
                Fields.host(message.getHost(), "Plan.Assignment.host"),
                message.getRack(),
                message.getZone(),
                hops,
                Fields.duration(message.hasPauseLimit(), message.getPauseLimit(), "Plan.Assignment.pause_limit"));
    }

    private static Plan.Hop hop(
            ReleaseId from, String fromVersion, ReleaseId to, List<dev.neurath.proto.v1.Plan.Candidate> messages) {
        List<Plan.Candidate> candidates = messages.stream()
                .map(candidate -> new Plan.Candidate(
                        VmCodec.decode(candidate.getMethod(), "Plan.Candidate.method"),
                        candidate.hasRefusal() ? VmCodec.decode(candidate.getRefusal()) : null,
                        VmCodec.decode(candidate.getRehearsal(), "Plan.Candidate.rehearsal")))
                .toList();
        var hop = new Plan.Hop(from, fromVersion, to, candidates);
        require(!hop.methods().isEmpty(), "Plan.Hop.candidates without a refusal");
        return hop;
    }

    private static dev.neurath.proto.v1.Plan.Skip encode(Plan.Skip skip) {
        return dev.neurath.proto.v1.Plan.Skip.newBuilder()
                .setVm(skip.vm().value())
                .setHost(skip.host() == null ? "" : skip.host().value())
                .setRefusal(VmCodec.encode(skip.refusal()))
                .build();
    }

    private static Plan.Skip decode(dev.neurath.proto.v1.Plan.Skip message) {
        return new Plan.Skip(
                Fields.vm(message.getVm(), "Plan.Skip.vm"),
                message.getHost().isEmpty() ? null : Fields.host(message.getHost(), "Plan.Skip.host"),
                VmCodec.refusal(message.hasRefusal(), message.getRefusal(), "Plan.Skip.refusal"));
    }

    private static dev.neurath.proto.v1.Plan.Limits encode(Limits limits) {
        var out = dev.neurath.proto.v1.Plan.Limits.newBuilder()
                .setVmsInFlight(limits.budget().vmsInFlight())
                .setHostsBusy(limits.budget().hostsBusy())
                .setPerHost(limits.budget().perHost())
                .setPerRack(limits.budget().perRack())
                .setPerZone(limits.budget().perZone())
                .setFailures(limits.failures())
                .setQuarantined(limits.quarantined())
                .setOverPause(limits.overPause())
                .setOnLimit(limits.onLimit().name().toLowerCase(Locale.ROOT));
        if (limits.pause() != null) {
            out.setPause(Fields.encode(limits.pause()));
        }
        return out.build();
    }

    private static Limits decode(dev.neurath.proto.v1.Plan.Limits message) {
        try {
            return new Limits(
                    new Budget(
                            message.getVmsInFlight(),
                            message.getHostsBusy(),
                            message.getPerHost(),
                            message.getPerRack(),
                            message.getPerZone()),
                    message.hasPause() ? Fields.duration(true, message.getPause(), "Plan.Limits.pause") : null,
                    message.getFailures(),
                    message.getQuarantined(),
                    message.getOverPause(),
                    OnLimit.valueOf(message.getOnLimit().toUpperCase(Locale.ROOT)));
        } catch (MalformedMessage e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage("Plan.limits", e);
        }
    }

    private static dev.neurath.proto.v1.Plan.Window encode(Window window) {
        return dev.neurath.proto.v1.Plan.Window.newBuilder()
                .addAllDays(window.days().stream().map(DayOfWeek::getValue).toList())
                .setFrom(window.from().toSecondOfDay())
                .setTo(window.to().toSecondOfDay())
                .setZone(window.zone().getId())
                .build();
    }

    private static Window decode(dev.neurath.proto.v1.Plan.Window message) {
        try {
            return new Window(
                    new TreeSet<>(
                            message.getDaysList().stream().map(DayOfWeek::of).toList()),
                    LocalTime.ofSecondOfDay(message.getFrom()),
                    LocalTime.ofSecondOfDay(message.getTo()),
                    ZoneId.of(message.getZone()));
        } catch (DateTimeException e) {
            throw new MalformedMessage("Plan.Window", "is no time of a week: " + e.getMessage());
        }
    }
}
