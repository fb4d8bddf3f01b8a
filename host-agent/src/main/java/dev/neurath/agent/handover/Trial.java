package dev.neurath.agent.handover;

import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Role;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Revision;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;

/**
 * What an attempt needs of the VM it is made on, beside the two processes. All of it is in the log or on the agent's disk: an attempt is brought to its
 * end by an agent that has heard of no release yet.
 *
 * @param role what the second QEMU is for
 * @param to what runs the guest if the attempt succeeds
 * @param record the VM as it was when the attempt began
 */
public record Trial(VmId vm, Role role, Attempt attempt, Revision to, AgentVm record, AttemptPaths paths) {
    public Trial(VmId vm, Attempt attempt, Revision to, AgentVm record, AttemptPaths paths) {
        this(vm, Role.HAND_OVER, attempt, to, record, paths);
    }

    /** Starts the second QEMU; the agent's knowledge of releases and command lines behind one door. */
    public interface Launcher {
        /**
         * Checks the release's files and starts it: paused, with shadow paths for everything that others may hold open, waiting for the state.
         *
         * @throws Refused if it must not or cannot be started
         */
        ProcessIdentity launch(Trial trial, HoldPoints holds) throws IOException, InterruptedException, Refused;

        /** It is there with all its devices, or the attempt is over: what it shares with the running one it does not change any more until the state comes. */
        default void built(Trial trial) {}

        /** It is gone again: what it shared with the running one is as it was. May be repeated, also by an agent that did not launch it. */
        default void takenBack(Trial trial) {}

        /** What the QEMU that was launched complained of, or empty. */
        default String complaint(Trial trial) throws IOException {
            return "";
        }
    }

    /** What ran the guest when the attempt began. */
    public Revision from() {
        return VmCodec.decode(record.getRevision());
    }

    /** An expected no before the guest was touched. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final String code;

        public Refused(String code, String sentence) {
            super(sentence);
            this.code = code;
        }

        public String code() {
            return code;
        }

        public String sentence() {
            return String.valueOf(getMessage());
        }
    }
}
