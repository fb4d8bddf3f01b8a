package dev.neurath.agent.proof;

import dev.neurath.agent.handover.Trial.Refused;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.codec.ProofCodec;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.Prove;
import dev.neurath.proto.v1.Proved;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the coordinator's questions one at a time, beside everything else that the agent does: a probe may be late, and never holds a guest up. What could not be
 * found out is said so, and may be asked again.
 */
public final class ProofDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ProofDesk.class);
    /** Whoever asks more has given up on the first by the time that the last is answered. */
    private static final int MOST_WAITING = 64;

    /** How it is found out. */
    public interface Tries {
        /**
         * @param way two or more, in order
         * @throws IOException if nothing could be found out
         */
        List<Finding> prove(VmSpec vm, Words words, List<ReleaseManifest> way) throws IOException, InterruptedException;
    }

    /** How a VM's machine is described to a release, where its description does not say it all. */
    public interface Words {
        /** Of a VM that was started here. */
        Words OF_ITS_DESCRIPTION = release -> Optional.empty();

        /** @return a whole command line that begins with the release's own words; empty if the VM's description says it all */
        Optional<List<String>> in(ReleaseManifest release) throws IOException;

        /** Methods that are none for a machine that was started like this, with the reason. */
        default Map<Method, String> impossible() {
            return Map.of();
        }
    }

    /** What this host knows. */
    public interface Knowledge {
        /** The VM as it was started, if this host runs it. */
        Optional<VmSpec> vm(String id) throws IOException;

        /** How that VM's machine is built. */
        Words words(String id) throws IOException;

        /** Its files are those that were registered. */
        ReleaseManifest verified(ReleaseId release) throws IOException, Refused;
    }

    private final Tries tries;
    private final Knowledge knowledge;
    private final ThreadPoolExecutor worker = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> Thread.ofPlatform().name("proofs").unstarted(task));

    public ProofDesk(Tries tries, Knowledge knowledge) {
        this.tries = tries;
        this.knowledge = knowledge;
    }

    /** Returns at once; {@code answer} is called on a thread of this desk, once. */
    public void ask(Prove question, Consumer<Proved> answer) {
        try {
            worker.execute(() -> answer.accept(answered(question)));
        } catch (RejectedExecutionException e) {
            answer.accept(unanswered(question, "PROOFS_BUSY", "This host's agent has too many questions waiting."));
        }
    }

    private Proved answered(Prove question) {
        try {
            Optional<VmSpec> vm = knowledge.vm(question.getVm());
            if (vm.isEmpty()) {
                return unanswered(question, "VM_NOT_HERE", "This host does not run VM " + question.getVm() + ".");
            }
            if (!Shape.of(vm.get()).equals(question.getShape())) {
                return unanswered(
                        question, "SHAPE_CHANGED", "VM " + question.getVm() + " is not what the coordinator knows.");
            }
            List<ReleaseId> way =
                    ProofCodec.way(question.getFromRelease(), question.getOverList(), question.getToRelease(), "Prove");
            var manifests = new ArrayList<ReleaseManifest>();
            for (ReleaseId release : way) {
                manifests.add(knowledge.verified(release));
            }
            var proof = new Proof(
                    way, question.getShape(), tries.prove(vm.get(), knowledge.words(question.getVm()), manifests));
            return Proved.newBuilder()
                    .setId(question.getId())
                    .setProof(ProofCodec.encode(proof))
                    .build();
        } catch (Refused e) {
            return unanswered(question, e.code(), e.sentence());
        } catch (IOException | RuntimeException e) {
            LOG.warn("VM {} to release {} could not be tried", question.getVm(), question.getToRelease(), e);
            return unanswered(question, "PROOF_FAILED", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unanswered(question, "AGENT_ENDS", "The agent is being stopped.");
        }
    }

    private static Proved unanswered(Prove question, String code, String sentence) {
        return Proved.newBuilder()
                .setId(question.getId())
                .setUnanswered(VmCodec.encode(Refusal.of(code, sentence, "neurath plan again")))
                .build();
    }

    /** What is being tried is given up, and its processes are ended. */
    public void close() throws InterruptedException {
        worker.shutdownNow();
        if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
            LOG.warn("A probe did not end in time; the next start ends it");
        }
    }
}
