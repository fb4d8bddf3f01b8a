package dev.neurath.cli.live;

import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.StyledLine.Style;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.Rollout.VmLine;
import dev.neurath.proto.v1.Rollout.WaveLine;
import dev.neurath.proto.v1.VmProgress;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A rollout as lines: the one renderer for {@code show} and for every frame of {@code -w}, so the two never disagree.
 *
 * <p>Never more than {@code rows} lines. A finished wave is one line; of its VMs only those are listed that did not end upgraded.
 */
public final class RolloutView {
    private static final int BAR = 20;

    private final ZoneId zone;

    public RolloutView(ZoneId zone) {
        this.zone = zone;
    }

    /** All VMs of all waves. */
    public List<StyledLine> wide(Rollout rollout) {
        return lines(rollout, Integer.MAX_VALUE, true);
    }

    public List<StyledLine> lines(Rollout rollout, int rows) {
        return lines(rollout, rows, false);
    }

    private List<StyledLine> lines(Rollout rollout, int rows, boolean all) {
        List<StyledLine> lines = new ArrayList<>();
        lines.add(headline(rollout));
        if (!rollout.getReason().isEmpty()) {
            lines.add(new StyledLine().add("  why  ", Style.DIM).add(rollout.getReason()));
        }
        List<StyledLine> waves = new ArrayList<>();
        for (int i = 0; i < rollout.getWavesCount(); i++) {
            waves.add(wave(i, rollout.getWaves(i), rollout));
        }
        List<StyledLine> vms = vms(rollout, all);
        int room = Math.max(0, rows - lines.size());
        // Waves around the one in progress first, then as many VMs as fit.
        lines.addAll(window(waves, Math.max(1, Math.min(waves.size(), room)), rollout.getWave(), "waves"));
        room = Math.max(0, rows - lines.size());
        if (vms.size() <= room) {
            lines.addAll(vms);
        } else if (room > 0) {
            lines.addAll(vms.subList(0, room - 1));
            lines.add(new StyledLine().add("    … and " + Words.count(vms.size() - room + 1, "more VM"), Style.DIM));
        }
        return lines.size() <= rows ? lines : lines.subList(0, rows);
    }

    private StyledLine headline(Rollout rollout) {
        String phase = Documents.word(rollout.getPhase());
        StyledLine line = new StyledLine()
                .add("Rollout ")
                .add(rollout.getId(), Style.BOLD)
                .add("  " + rollout.getName() + "  release " + rollout.getRelease() + "  ")
                .add(phase, Words.style(phase));
        String started = Words.clock(rollout.getStarted(), zone);
        String ended = Words.clock(rollout.getEnded(), zone);
        if (!started.isEmpty()) {
            line.add("  since " + started + (ended.isEmpty() ? "" : " until " + ended), Style.DIM);
        }
        return rollout.getBy().isEmpty() ? line : line.add("  by " + rollout.getBy(), Style.DIM);
    }

    private StyledLine wave(int index, WaveLine wave, Rollout rollout) {
        int settled = wave.getTotal() - wave.getWaiting() - wave.getInFlight();
        int name = rollout.getWavesList().stream()
                .mapToInt(each -> each.getName().length())
                .max()
                .orElse(0);
        StyledLine line = new StyledLine().add("  wave " + index + "  ").cell(wave.getName(), name, Style.PLAIN);
        if (settled == wave.getTotal()) {
            line.add("done   ", Style.GOOD);
        } else {
            int filled = wave.getTotal() == 0 ? BAR : BAR * settled / wave.getTotal();
            line.add("█".repeat(filled), Style.GOOD)
                    .add("░".repeat(BAR - filled), Style.DIM)
                    .add("  ");
        }
        line.add(settled + " of " + wave.getTotal());
        counted(line, wave.getUpgraded(), "upgraded", Style.GOOD);
        counted(line, wave.getInFlight(), "in flight", Style.BUSY);
        counted(line, wave.getAsItWas(), "as it was", Style.WARNING);
        counted(line, wave.getRefused(), "refused", Style.WARNING);
        counted(line, wave.getQuarantined(), "quarantined", Style.BAD);
        counted(line, wave.getGone(), "gone", Style.BAD);
        counted(line, wave.getLost(), "LOST", Style.BAD);
        String bakes = Words.clock(wave.getBakeUntil(), zone);
        if (!bakes.isEmpty()
                && rollout.getPhase() == dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_BAKING
                && index == rollout.getWave()) {
            line.add("  bakes until " + bakes, Style.BUSY);
        }
        return line;
    }

    private static void counted(StyledLine line, int count, String what, Style style) {
        if (count > 0) {
            line.add("  " + count + " " + what, style);
        }
    }

    private static List<StyledLine> vms(Rollout rollout, boolean all) {
        List<VmLine> shown = rollout.getVmsList().stream()
                .filter(vm -> all || worthALine(rollout, vm))
                .sorted(Comparator.comparingInt((VmLine vm) -> all ? vm.getWave() : urgency(vm))
                        .thenComparing(VmLine::getVm))
                .toList();
        int id = shown.stream().mapToInt(vm -> vm.getVm().length()).max().orElse(0);
        int host = shown.stream().mapToInt(vm -> vm.getHost().length()).max().orElse(0);
        return shown.stream().map(vm -> vm(vm, id, host)).toList();
    }

    private static boolean worthALine(Rollout rollout, VmLine vm) {
        boolean trouble = urgency(vm) == 0;
        boolean current = vm.getWave() == rollout.getWave() && vm.getProgress() != VmProgress.VM_PROGRESS_WAITING;
        boolean waveOpen = vm.getWave() < rollout.getWavesCount()
                && rollout.getWaves(vm.getWave()).getWaiting()
                                + rollout.getWaves(vm.getWave()).getInFlight()
                        > 0;
        return trouble || vm.getProgress() == VmProgress.VM_PROGRESS_IN_FLIGHT || (current && waveOpen);
    }

    /** What an operator must see stands first when not all fits. */
    private static int urgency(VmLine vm) {
        return switch (vm.getProgress()) {
            case VM_PROGRESS_LOST,
                    VM_PROGRESS_QUARANTINED,
                    VM_PROGRESS_GONE,
                    VM_PROGRESS_AS_IT_WAS,
                    VM_PROGRESS_REFUSED -> 0;
            case VM_PROGRESS_IN_FLIGHT -> 1;
            case VM_PROGRESS_UPGRADED -> 2;
            case VM_PROGRESS_WAITING, VM_PROGRESS_UNSPECIFIED, UNRECOGNIZED -> 3;
        };
    }

    private static StyledLine vm(VmLine vm, int id, int host) {
        String progress = Documents.word(vm.getProgress());
        StyledLine line = new StyledLine()
                .add("    ")
                .cell(vm.getVm(), id, Style.PLAIN)
                .cell(vm.getHost(), host, Style.DIM)
                .cell(progress, 11, Words.style(progress))
                .cell(Words.method(vm.getMethod()), 12, Style.PLAIN)
                .cell(Words.pause(vm.getPause()), 9, Style.PLAIN);
        if (!vm.getReason().isEmpty()) {
            line.add(vm.getReason(), Style.WARNING).add(vm.getSentence().isEmpty() ? "" : ": " + vm.getSentence());
        }
        return line;
    }

    private static List<StyledLine> window(List<StyledLine> lines, int size, int around, String what) {
        if (lines.size() <= size) {
            return lines;
        }
        int from = Math.clamp(around - size / 2, 0, lines.size() - size);
        List<StyledLine> shown = new ArrayList<>(lines.subList(from, from + size));
        shown.set(size - 1, new StyledLine().add("  … " + lines.size() + " " + what + " in all", Style.DIM));
        return shown;
    }
}
