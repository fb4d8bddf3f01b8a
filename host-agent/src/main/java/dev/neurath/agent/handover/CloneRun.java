package dev.neurath.agent.handover;

import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.model.handover.Input;
import dev.neurath.model.vm.Method;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Hands a machine that has no guest from one throw-away to another, by the very commands by which a guest is handed over. Neither of them may be a VM's: what
 * becomes of them is of no interest, and nobody takes anything back.
 */
public final class CloneRun {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

    private CloneRun() {}

    /**
     * @param paths of {@code to}
     * @return what kept {@code to} from taking it, or empty
     */
    public static Optional<Input.Failed> run(
            QemuSide from, QemuSide to, Method method, AttemptPaths paths, Duration limit)
            throws IOException, InterruptedException {
        try {
            return switch (transfer(from, to, method, paths, limit)) {
                case Input.Failed failed -> Optional.of(failed);
                default -> Optional.empty();
            };
        } catch (QmpFailure.Refused refused) {
            return Optional.of(new Input.Failed("QMP_REFUSED", refused.description()));
        }
    }

    private static Input transfer(QemuSide from, QemuSide to, Method method, AttemptPaths paths, Duration limit)
            throws IOException, InterruptedException {
        from.connectWhileAlive(ANSWER_LIMIT);
        var watch = new OldWatch(from);
        if (method == Method.CPR_TRANSFER) {
            Transfer.openChannel(from, to, paths, paths.stream());
            to.connectWhileAlive(ANSWER_LIMIT);
            Transfer.prepare(to, method);
            Transfer.connectNew(to, paths);
        } else {
            to.connectWhileAlive(ANSWER_LIMIT);
            Transfer.prepare(from, method);
            Transfer.prepare(to, method);
            Transfer.connectNewByUri(to, paths);
            Transfer.sendOld(from, paths.stream());
        }
        return Transfer.awaitStaged(from, to, limit, watch, () -> "");
    }
}
