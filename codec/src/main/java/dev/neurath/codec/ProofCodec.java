package dev.neurath.codec;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Probe;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.Verdict;
import java.util.ArrayList;
import java.util.List;

/** Proofs, model to protobuf and back. */
public final class ProofCodec {
    /** Of findings, and of releases on a way. */
    private static final int MOST_FINDINGS = 32;

    private static final int LONGEST = 2000;

    private ProofCodec() {}

    public static dev.neurath.proto.v1.Proof encode(Proof proof) {
        var out = dev.neurath.proto.v1.Proof.newBuilder()
                .setFrom(proof.from().value())
                .setTo(proof.to().value())
                .addAllOver(proof.way().subList(1, proof.way().size() - 1).stream()
                        .map(ReleaseId::value)
                        .toList())
                .setShape(proof.shape());
        proof.findings().forEach(finding -> out.addFindings(encode(finding)));
        return out.build();
    }

    /** What an agent says goes into the journal: no more of it than there can be. */
    public static Proof decode(dev.neurath.proto.v1.Proof message) {
        if (message.getFindingsCount() > MOST_FINDINGS) {
            throw new MalformedMessage("Proof.findings", "are more than " + MOST_FINDINGS);
        }
        return new Proof(
                way(message.getFrom(), message.getOverList(), message.getTo(), "Proof"),
                message.getShape(),
                message.getFindingsList().stream().map(ProofCodec::decode).toList());
    }

    /** Releases in order. */
    public static List<ReleaseId> way(String from, List<String> over, String to, String message) {
        if (over.size() > MOST_FINDINGS) {
            throw new MalformedMessage(message + ".over", "are more than " + MOST_FINDINGS);
        }
        var way = new ArrayList<ReleaseId>();
        way.add(Fields.release(from, message + ".from"));
        over.forEach(release -> way.add(Fields.release(release, message + ".over")));
        way.add(Fields.release(to, message + ".to"));
        return way;
    }

    private static dev.neurath.proto.v1.Proof.Finding encode(Finding finding) {
        var out = dev.neurath.proto.v1.Proof.Finding.newBuilder()
                .setProbe(
                        switch (finding.probe()) {
                            case SCHEMA -> dev.neurath.proto.v1.Proof.Probe.PROBE_SCHEMA;
                            case CLONE -> dev.neurath.proto.v1.Proof.Probe.PROBE_CLONE;
                            case CLONE_BACK -> dev.neurath.proto.v1.Proof.Probe.PROBE_CLONE_BACK;
                        })
                .setVerdict(
                        switch (finding.verdict()) {
                            case WILL -> dev.neurath.proto.v1.Proof.Verdict.VERDICT_WILL;
                            case WONT -> dev.neurath.proto.v1.Proof.Verdict.VERDICT_WONT;
                            case INCONCLUSIVE -> dev.neurath.proto.v1.Proof.Verdict.VERDICT_INCONCLUSIVE;
                        })
                .setCode(finding.code())
                .setEvidence(finding.evidence());
        if (finding.method() != null) {
            out.setMethod(VmCodec.encode(finding.method()));
        }
        return out.build();
    }

    private static Finding decode(dev.neurath.proto.v1.Proof.Finding message) {
        boolean anyMethod = message.getMethod() == dev.neurath.proto.v1.Method.METHOD_UNSPECIFIED;
        return new Finding(
                switch (message.getProbe()) {
                    case PROBE_SCHEMA -> Probe.SCHEMA;
                    case PROBE_CLONE -> Probe.CLONE;
                    case PROBE_CLONE_BACK -> Probe.CLONE_BACK;
                    case PROBE_UNSPECIFIED, UNRECOGNIZED ->
                        throw new MalformedMessage("Proof.Finding.probe", "is unknown");
                },
                anyMethod ? null : VmCodec.decode(message.getMethod(), "Proof.Finding.method"),
                switch (message.getVerdict()) {
                    case VERDICT_WILL -> Verdict.WILL;
                    case VERDICT_WONT -> Verdict.WONT;
                    case VERDICT_INCONCLUSIVE -> Verdict.INCONCLUSIVE;
                    case VERDICT_UNSPECIFIED, UNRECOGNIZED ->
                        throw new MalformedMessage("Proof.Finding.verdict", "is unknown");
                },
                shortened(message.getCode()),
                shortened(message.getEvidence()));
    }

    private static String shortened(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }
}
