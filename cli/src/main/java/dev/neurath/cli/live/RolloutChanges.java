package dev.neurath.cli.live;

import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.Rollout.VmLine;
import dev.neurath.proto.v1.VmProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What changed between two looks at a rollout, one line per change: the watch for logs and pipes, where nothing can be repainted. */
public final class RolloutChanges {
    private @Nullable Rollout seen;

    public List<String> next(Rollout now) {
        List<String> lines = new ArrayList<>();
        Rollout before = seen == null ? Rollout.getDefaultInstance() : seen;
        seen = now;
        if (before.getWave() < now.getWave() || (before.getWavesCount() == 0 && now.getWavesCount() > 0)) {
            Rollout.WaveLine wave = now.getWaves(Math.min(now.getWave(), now.getWavesCount() - 1));
            lines.add(now.getId() + "  wave " + now.getWave() + " " + wave.getName() + "  "
                    + Words.count(wave.getTotal(), "VM"));
        }
        Map<String, VmLine> known = new HashMap<>();
        before.getVmsList().forEach(vm -> known.put(vm.getVm(), vm));
        for (VmLine vm : now.getVmsList()) {
            VmLine was = known.getOrDefault(vm.getVm(), VmLine.getDefaultInstance());
            boolean news = was.getProgress() != vm.getProgress() || was.getAttempts() != vm.getAttempts();
            if (news && vm.getProgress() != VmProgress.VM_PROGRESS_WAITING) {
                lines.add(now.getId() + "  " + line(vm));
            }
        }
        if (before.getPhase() != now.getPhase()) {
            lines.add(now.getId() + "  " + Documents.word(now.getPhase())
                    + (now.getReason().isEmpty() ? "" : "  " + now.getReason()));
        }
        return lines;
    }

    private static String line(VmLine vm) {
        StringBuilder line =
                new StringBuilder(vm.getVm() + "  " + vm.getHost() + "  " + Documents.word(vm.getProgress()));
        for (String word :
                List.of(Words.method(vm.getMethod()), Words.pause(vm.getPause()), vm.getReason(), vm.getSentence())) {
            if (!word.isEmpty()) {
                // One change, one line, whatever a QEMU put into its sentence.
                line.append("  ").append(word.replaceAll("\\p{Cntrl}", " "));
            }
        }
        return line.toString();
    }
}
