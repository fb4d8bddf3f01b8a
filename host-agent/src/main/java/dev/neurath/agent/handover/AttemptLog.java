package dev.neurath.agent.handover;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.neurath.agent.log.HandOverLog;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.log.LogRecord;
import dev.neurath.agent.log.LogRecord.Kind;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.Role;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Revision;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an attempt writes into the VM's log, and how it is found there again. The records' order and meaning are those of the hand-over protocol; how
 * they are made durable is the log's.
 */
public final class AttemptLog {
    private static final String ATTEMPT = "attempt";
    private static final String FROM = "from";
    private static final String TO = "to";
    private static final String ROLE = "role";
    private static final String BOOT = "boot";
    private static final String TAG = "tag";
    private static final String OUTCOME = "outcome";
    private static final String NANOS = "nanos";
    private static final String CLOSED = "closed";

    /**
     * An attempt that was begun and is not done.
     *
     * @param to what runs the guest if it turns out to have succeeded
     */
    public record Open(
            Attempt attempt,
            Revision from,
            Revision to,
            Role role,
            String bootId,
            String tag,
            Mark mark,
            boolean switched) {
        public HandOver recovered() {
            return HandOver.recovered(attempt.generation(), role, attempt.method(), mark, switched);
        }
    }

    /** The last attempt that ended. */
    public record Done(Generation generation, Outcome outcome) {}

    private final HandOverLog log;

    public AttemptLog(HandOverLog log) {
        this.log = log;
    }

    public Generation floor() {
        return new Generation(log.floor());
    }

    /** Nothing at or below {@code generation} will begin any more. */
    public void close(Generation generation) throws LogFailure {
        if (generation.isAfter(floor())) {
            log.append(new LogRecord(Kind.FLOOR, generation.value(), Map.of(CLOSED, "true")));
        }
    }

    /** With everything that the attempt's end needs: whoever ends it may know nothing but this log and the processes. */
    void begin(Trial trial, Role role, String bootId) throws LogFailure {
        log.reserve();
        long g = trial.attempt().generation().value();
        log.append(LogRecord.of(Kind.FLOOR, g));
        log.append(new LogRecord(
                Kind.BEGIN,
                g,
                Map.of(
                        ATTEMPT,
                        text(VmCodec.encode(trial.attempt())),
                        FROM,
                        text(VmCodec.encode(trial.from())),
                        TO,
                        text(VmCodec.encode(trial.to())),
                        ROLE,
                        role.name(),
                        BOOT,
                        bootId,
                        TAG,
                        trial.paths().tag())));
    }

    /** @param nanos System.nanoTime(), comparable among all processes of one boot */
    void mark(Kind kind, Generation generation, long nanos) throws LogFailure {
        log.append(new LogRecord(kind, generation.value(), Map.of(NANOS, Long.toString(nanos))));
    }

    /** What follows DONE may fail and be tried again, with DONE before it: the first one counts. A rehearsal has one of its own. */
    void done(Generation generation, Outcome outcome) throws LogFailure {
        boolean written =
                lastDone().filter(done -> done.generation().equals(generation)).isPresent() && open().isEmpty();
        if (written) {
            return;
        }
        log.append(new LogRecord(Kind.DONE, generation.value(), Map.of(OUTCOME, text(VmCodec.encode(outcome)))));
    }

    /** System.nanoTime() at COMMIT of {@code generation}. */
    Optional<Long> committedAt(Generation generation) {
        return log.records().stream()
                .filter(r -> r.kind() == Kind.COMMIT && r.generation() == generation.value())
                .map(r -> Long.valueOf(r.details().getOrDefault(NANOS, "0")))
                .reduce((earlier, later) -> later);
    }

    public Optional<Done> lastDone() {
        return log.records().stream()
                .filter(r -> r.kind() == Kind.DONE)
                .reduce((earlier, later) -> later)
                .map(r -> new Done(new Generation(r.generation()), outcome(r)));
    }

    /** For how long the guest stood still for rehearsals of {@code generation} that were not its last word. */
    public Duration stoppedBefore(Generation generation) {
        List<Outcome> ends = log.records().stream()
                .filter(r -> r.kind() == Kind.DONE && r.generation() == generation.value())
                .map(AttemptLog::outcome)
                .toList();
        Duration sum = Duration.ZERO;
        for (Outcome end : ends.subList(0, Math.max(0, ends.size() - 1))) {
            if (end instanceof Outcome.AsItWas asItWas && asItWas.pause() instanceof Pause.Measured measured) {
                sum = sum.plus(measured.duration());
            }
        }
        return sum;
    }

    /** @throws LogFailure if an attempt is open and its BEGIN cannot be acted on */
    public Optional<Open> open() throws LogFailure {
        List<LogRecord> records = log.records();
        int begin = -1;
        for (int i = 0; i < records.size(); i++) {
            switch (records.get(i).kind()) {
                case BEGIN -> begin = i;
                case DONE -> begin = -1;
                default -> {}
            }
        }
        if (begin < 0) {
            return Optional.empty();
        }
        LogRecord first = records.get(begin);
        Mark mark = Mark.BEGIN;
        boolean switched = false;
        for (LogRecord record : records.subList(begin, records.size())) {
            if (record.generation() == first.generation()) {
                mark = markOf(record.kind()).orElse(mark);
                switched |= record.kind() == Kind.SWITCH;
            }
        }
        // Without the records written in the pause the worst is assumed, which is COMMIT: a frozen or dead old then
        // means that new may have run, and
        // an old that is alive and not frozen still proves that it did not.
        boolean damaged = log.damage().isPresent();
        return Optional.of(new Open(
                attempt(first),
                revision(first, FROM),
                revision(first, TO),
                Role.valueOf(first.details().getOrDefault(ROLE, Role.HAND_OVER.name())),
                first.details().getOrDefault(BOOT, ""),
                first.details().getOrDefault(TAG, ""),
                damaged && (mark == Mark.BEGIN || mark == Mark.SWITCH) ? Mark.COMMIT : mark,
                switched || damaged));
    }

    /** The last attempt that was begun, open or not. */
    public Optional<Attempt> lastAttempt() {
        return log.records().stream()
                .filter(r -> r.kind() == Kind.BEGIN)
                .reduce((earlier, later) -> later)
                .map(AttemptLog::attempt);
    }

    /** What stands in the command line of the QEMU that {@code generation} started. */
    public String tag(Generation generation) {
        return log.records().stream()
                .filter(r -> r.kind() == Kind.BEGIN && r.generation() == generation.value())
                .map(r -> r.details().getOrDefault(TAG, ""))
                .reduce("", (earlier, later) -> later);
    }

    public Optional<String> damage() {
        return log.damage();
    }

    private static Optional<Mark> markOf(Kind kind) {
        return switch (kind) {
            case FLOOR -> Optional.empty();
            case BEGIN -> Optional.of(Mark.BEGIN);
            case SWITCH -> Optional.of(Mark.SWITCH);
            case COMMIT -> Optional.of(Mark.COMMIT);
            case UNDO -> Optional.of(Mark.UNDO);
            case QUARANTINE -> Optional.of(Mark.QUARANTINE);
            case DONE -> Optional.of(Mark.DONE);
        };
    }

    private static Attempt attempt(LogRecord begin) {
        try {
            return VmCodec.decode(dev.neurath.proto.v1.Attempt.parseFrom(
                    Base64.getDecoder().decode(begin.details().getOrDefault(ATTEMPT, ""))));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("BEGIN of generation " + begin.generation() + " is unreadable", e);
        }
    }

    private static Revision revision(LogRecord begin, String side) throws LogFailure {
        String text = begin.details().get(side);
        if (text == null) {
            throw LogFailure.unreadable("BEGIN of generation " + begin.generation() + " does not say '" + side
                    + "': it was written by an earlier version of the agent, and only that one can end this attempt");
        }
        try {
            return VmCodec.decode(
                    dev.neurath.proto.v1.Revision.parseFrom(Base64.getDecoder().decode(text)));
        } catch (InvalidProtocolBufferException e) {
            throw LogFailure.unreadable(
                    "BEGIN of generation " + begin.generation() + ": '" + side + "' is no revision: " + e.getMessage());
        }
    }

    private static String text(MessageLite message) {
        return Base64.getEncoder().encodeToString(message.toByteArray());
    }

    private static Outcome outcome(LogRecord done) {
        try {
            return VmCodec.decode(dev.neurath.proto.v1.Outcome.parseFrom(
                    Base64.getDecoder().decode(done.details().getOrDefault(OUTCOME, ""))));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("DONE of generation " + done.generation() + " is unreadable", e);
        }
    }
}
