package dev.neurath.codec;

import static dev.neurath.codec.Fields.require;

import com.google.protobuf.ByteString;
import dev.neurath.model.release.PairRefusal;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseEvent;
import dev.neurath.model.release.ReleaseFacts;
import dev.neurath.model.release.ReleaseFile;
import dev.neurath.proto.v1.ReleaseEvent.FactsLearnt;
import dev.neurath.proto.v1.ReleaseEvent.PairRefused;
import dev.neurath.proto.v1.ReleaseEvent.Registered;
import java.util.Base64;
import java.util.TreeMap;

/** Releases and the catalog's events, model to protobuf and back. */
public final class ReleaseCodec {
    private ReleaseCodec() {}

    public static dev.neurath.proto.v1.Release encode(Release release) {
        var out = dev.neurath.proto.v1.Release.newBuilder()
                .setId(release.id().value())
                .setVersion(release.version())
                .addAllArgvPrefix(release.argvPrefix())
                .putAllEnvironment(release.environment())
                .setSignature(ByteString.copyFrom(signature(release)));
        for (ReleaseFile file : release.files()) {
            out.addFiles(dev.neurath.proto.v1.Release.File.newBuilder()
                    .setPath(file.path())
                    .setSha256(file.sha256()));
        }
        if (release.facts() != null) {
            out.setFacts(encode(release.facts()));
        }
        return out.build();
    }

    private static byte[] signature(Release release) {
        try {
            return Base64.getDecoder().decode(release.signature());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("release %s: its signature is not base64".formatted(release.id()), e);
        }
    }

    public static Release decode(dev.neurath.proto.v1.Release message) {
        return new Release(
                Fields.release(message.getId(), "Release.id"),
                message.getVersion(),
                message.getArgvPrefixList(),
                new TreeMap<>(message.getEnvironmentMap()),
                message.getFilesList().stream()
                        .map(file -> new ReleaseFile(file.getPath(), file.getSha256()))
                        .toList(),
                Base64.getEncoder().encodeToString(message.getSignature().toByteArray()),
                message.hasFacts() ? decode(message.getFacts()) : null);
    }

    public static dev.neurath.proto.v1.Release.Facts encode(ReleaseFacts facts) {
        return dev.neurath.proto.v1.Release.Facts.newBuilder()
                .addAllMachineTypes(facts.machineTypes())
                .addAllAbilities(facts.abilities())
                .build();
    }

    public static ReleaseFacts decode(dev.neurath.proto.v1.Release.Facts message) {
        return ReleaseFacts.of(message.getMachineTypesList(), message.getAbilitiesList());
    }

    public static dev.neurath.proto.v1.ReleaseEvent encode(ReleaseEvent event) {
        var out = dev.neurath.proto.v1.ReleaseEvent.newBuilder();
        switch (event) {
            case ReleaseEvent.Registered e ->
                out.setRegistered(
                        Registered.newBuilder().setRelease(encode(e.release())).setBy(e.by().name()));
            case ReleaseEvent.FactsLearnt e ->
                out.setFactsLearnt(
                        FactsLearnt.newBuilder().setRelease(e.release().value()).setFacts(encode(e.facts())));
            case ReleaseEvent.PairRefused e ->
                out.setPairRefused(PairRefused.newBuilder()
                        .setFrom(e.pair().from().value())
                        .setTo(e.pair().to().value())
                        .setMethod(VmCodec.encode(e.pair().method()))
                        .setRefusal(VmCodec.encode(e.pair().refusal())));
            case ReleaseEvent.ProofLearnt e -> out.setProofLearnt(ProofCodec.encode(e.proof()));
        }
        return out.build();
    }

    public static ReleaseEvent decode(dev.neurath.proto.v1.ReleaseEvent message) {
        return switch (message.getEventCase()) {
            case REGISTERED -> {
                Registered m = message.getRegistered();
                require(m.hasRelease(), "ReleaseEvent.Registered.release");
                yield new ReleaseEvent.Registered(decode(m.getRelease()), Fields.actor(m.getBy()));
            }
            case FACTS_LEARNT -> {
                FactsLearnt m = message.getFactsLearnt();
                require(m.hasFacts(), "ReleaseEvent.FactsLearnt.facts");
                yield new ReleaseEvent.FactsLearnt(
                        Fields.release(m.getRelease(), "ReleaseEvent.FactsLearnt.release"), decode(m.getFacts()));
            }
            case PAIR_REFUSED -> {
                PairRefused m = message.getPairRefused();
                yield new ReleaseEvent.PairRefused(new PairRefusal(
                        Fields.release(m.getFrom(), "ReleaseEvent.PairRefused.from"),
                        Fields.release(m.getTo(), "ReleaseEvent.PairRefused.to"),
                        VmCodec.decode(m.getMethod(), "ReleaseEvent.PairRefused.method"),
                        VmCodec.refusal(m.hasRefusal(), m.getRefusal(), "ReleaseEvent.PairRefused.refusal")));
            }
            case PROOF_LEARNT -> new ReleaseEvent.ProofLearnt(ProofCodec.decode(message.getProofLearnt()));
            case EVENT_NOT_SET -> throw MalformedMessage.noKind(message, "ReleaseEvent.event");
        };
    }
}
