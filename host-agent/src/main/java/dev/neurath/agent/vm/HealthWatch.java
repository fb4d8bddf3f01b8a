package dev.neurath.agent.vm;

import dev.neurath.model.VmId;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from outside whether guests give signs of life, and says so once after a hand-over. Silence counts only against a sign seen shortly before the
 * switch; without one nothing is concluded.
 */
public final class HealthWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);
    private static final Duration PERIOD = Duration.ofMillis(100);
    /** A guest that beats at all beats at least once in this time; 50 times the period of the slowest beat that is of any use. */
    private static final Duration RECENT = Duration.ofSeconds(5);

    /** Told once per question, on the watch's thread. */
    public interface Verdict {
        void seen(Health health, String evidence);
    }

    private static final class Watched {
        private final List<Path> files;
        private long size;
        private long grewNanos;
        private boolean everGrew;
        private @Nullable Question question;

        private Watched(List<Path> files) {
            this.files = files;
        }
    }

    private record Question(long sinceNanos, long deadlineNanos, boolean aliveBefore, Verdict verdict) {}

    private final Map<VmId, Watched> watched = new ConcurrentHashMap<>();
    private final Duration guestTimeout;
    private final ScheduledExecutorService clock;

    /** @param guestTimeout how long a guest may be silent after a hand-over */
    public HealthWatch(Duration guestTimeout) {
        this.guestTimeout = guestTimeout;
        this.clock = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("health-watch").unstarted(task));
        var unused = clock.scheduleWithFixedDelay(this::look, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    public void watch(VmId vm, List<VmSpec.HealthProbe> probes) {
        List<Path> files = probes.stream()
                .map(probe -> switch (probe) {
                    case VmSpec.HealthProbe.Beat beat -> Path.of(beat.file());
                })
                .toList();
        watched.putIfAbsent(vm, new Watched(files));
    }

    public void forget(VmId vm) {
        watched.remove(vm);
    }

    /**
     * Waits for a sign of life from now on.
     *
     * @param switchedNanos when the guest was stopped, or when it was last known to run; a sign shortly before is the baseline
     */
    public void ask(VmId vm, long switchedNanos, Verdict verdict) {
        Watched guest = watched.get(vm);
        if (guest == null || guest.files.isEmpty()) {
            verdict.seen(Health.UNKNOWN, "no probe is configured for this VM");
            return;
        }
        synchronized (guest) {
            boolean aliveBefore = guest.everGrew && switchedNanos - guest.grewNanos < RECENT.toNanos();
            long now = System.nanoTime();
            guest.question = new Question(now, now + guestTimeout.toNanos(), aliveBefore, verdict);
        }
    }

    private void look() {
        watched.forEach((vm, guest) -> {
            try {
                look(guest);
            } catch (IOException | RuntimeException e) {
                LOG.warn("The health of VM {} could not be looked at", vm, e);
            }
        });
    }

    private void look(Watched guest) throws IOException {
        long size = 0;
        for (Path file : guest.files) {
            size += sizeOf(file);
        }
        long now = System.nanoTime();
        Question answered = null;
        Health health = Health.UNKNOWN;
        synchronized (guest) {
            if (size > guest.size && guest.size > 0) {
                guest.everGrew = true;
                guest.grewNanos = now;
            }
            guest.size = size;
            Question question = guest.question;
            if (question != null && guest.everGrew && guest.grewNanos > question.sinceNanos()) {
                answered = question;
                health = Health.ALIVE;
            } else if (question != null && now > question.deadlineNanos()) {
                answered = question;
                health = question.aliveBefore() ? Health.SILENT : Health.UNKNOWN;
            }
            if (answered != null) {
                guest.question = null;
            }
        }
        if (answered != null) {
            answered.verdict().seen(health, evidence(health, now - answered.sinceNanos()));
        }
    }

    private String evidence(Health health, long nanos) {
        return switch (health) {
            case ALIVE -> "a beat was seen " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms after the hand-over";
            case SILENT -> "it beat before the switch, and no beat was seen for " + guestTimeout.toSeconds() + " s";
            case UNKNOWN ->
                "no beat was seen, neither shortly before the switch nor for " + guestTimeout.toSeconds()
                        + " s after it";
        };
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
