package dev.neurath.agent.handover;

import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.model.handover.Input;
import dev.neurath.model.vm.Method;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The QMP commands that bring the device state from old to new. Sequences and their failures were measured on real versions; capabilities are always
 * set explicitly on both sides, since without return-path `completed` on old means nothing, and without `events` nothing is heard.
 */
final class Transfer {
    /** Measured: 1 to 8 ms from connecting to staged, hundreds under load. Before STOP nothing hurts; the limit only ends what hangs. */
    private static final Duration LONGEST_TRANSFER = Duration.ofSeconds(20);
    /** The new side needs 20 to 80 ms from its start until it listens. */
    private static final Duration CHANNEL_LIMIT = Duration.ofSeconds(15);

    /** As MIGRATION events call them. */
    private static final Set<String> GIVEN_UP = Set.of("failed", "cancelled");

    /** Of a look at what no event tells: the limits, and a process that is gone. */
    private static final Duration PACE = Duration.ofMillis(5);

    private static final List<String> CAPABILITIES = List.of("events", "return-path", "x-ignore-shared");

    /** The guest stands still meanwhile; the kernel closes a dead process's sockets at once. */
    private static final Duration LAST_WORD_LIMIT = Duration.ofMillis(100);

    private static final String NO_REASON = "it gave no reason";

    private Transfer() {}

    static void prepare(QemuSide side, Method method) throws IOException, InterruptedException {
        var states = new ArrayList<Map<String, Object>>();
        for (String capability : CAPABILITIES) {
            boolean on = !capability.equals("x-ignore-shared") || method == Method.SHARED_RAM;
            states.add(Map.of("capability", capability, "state", on));
        }
        side.execute("migrate-set-capabilities", Map.of("capabilities", states));
    }

    /** For a state that is read by us: whoever has written all of it is done, and hears no answer. */
    static void prepareWithoutReturnPath(QemuSide side) throws IOException, InterruptedException {
        prepare(side, Method.SHARED_RAM);
        side.execute(
                "migrate-set-capabilities",
                Map.of("capabilities", List.of(Map.of("capability", "return-path", "state", false))));
    }

    /** Mode and capabilities as QEMU is born with. */
    static void reset(QemuSide side) throws IOException, InterruptedException {
        var states = new ArrayList<Map<String, Object>>();
        for (String capability : CAPABILITIES) {
            states.add(Map.of("capability", capability, "state", false));
        }
        side.execute("migrate-set-capabilities", Map.of("capabilities", states));
        if (knowsModes(side)) {
            side.execute("migrate-set-parameters", Map.of("mode", "normal"));
        }
    }

    private static boolean knowsModes(QemuSide side) throws IOException, InterruptedException {
        return side.execute("query-migrate-parameters", Map.of()).has("mode");
    }

    /** Old sends memory and descriptors over the side channel and stays in `setup`; the guest runs on. */
    static void openChannel(QemuSide old, QemuSide fresh, AttemptPaths paths, java.nio.file.Path stream)
            throws IOException, InterruptedException {
        prepare(old, Method.CPR_TRANSFER);
        old.execute("migrate-set-parameters", Map.of("mode", "cpr-transfer"));
        old.forgetMigration();
        var channels = List.of(
                Map.of("channel-type", "main", "addr", paths.streamAddress(stream)),
                Map.of("channel-type", "cpr", "addr", AttemptPaths.unix(paths.channel())));
        long end = System.nanoTime() + CHANNEL_LIMIT.toNanos();
        while (true) {
            try {
                old.execute("migrate", Map.of("channels", channels), CHANNEL_LIMIT);
                return;
            } catch (QmpFailure.Refused refused) {
                // The socket appears before it is listened to; whatever else is refused is refused for good.
                boolean early = refused.description().contains("connect");
                if (!early || System.nanoTime() - end >= 0 || !fresh.alive()) {
                    throw refused;
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
    }

    static void connectNew(QemuSide fresh, AttemptPaths paths) throws IOException, InterruptedException {
        fresh.forgetMigration();
        fresh.execute(
                "migrate-incoming",
                Map.of("channels", List.of(Map.of("channel-type", "main", "addr", AttemptPaths.unix(paths.stream())))));
    }

    /** Older versions know only the address as one string. */
    static void connectNewByUri(QemuSide fresh, AttemptPaths paths) throws IOException, InterruptedException {
        fresh.forgetMigration();
        fresh.execute("migrate-incoming", Map.of("uri", "unix:" + paths.stream()));
    }

    static void sendOld(QemuSide old, java.nio.file.Path stream) throws IOException, InterruptedException {
        old.forgetMigration();
        old.execute("migrate", Map.of("uri", "unix:" + stream));
    }

    /** Waits until old is done and new is loaded, both paused; anything else is a failure that says what was seen. */
    static Input awaitStaged(QemuSide old, QemuSide fresh, Duration pauseLimit, OldWatch watch, Complaint ofFresh)
            throws InterruptedException {
        long begun = System.nanoTime();
        while (true) {
            String source = old.migration();
            String target = fresh.migration();
            if (source.equals("completed") && target.equals("completed")) {
                return Input.done();
            }
            Optional<Input> trouble = trouble(old, fresh, source, target, watch, ofFresh);
            if (trouble.isPresent()) {
                return trouble.get();
            }
            long now = System.nanoTime();
            boolean tooLong = watch.stopped()
                    && old.lastStop()
                            .filter(stop -> now - stop.receivedNanos() > pauseLimit.toNanos())
                            .isPresent();
            if (tooLong) {
                return new Input.Failed(
                        "PAUSE_LIMIT",
                        "The guest had been stopped for " + pauseLimit.toMillis() + " ms and new was not ready.");
            }
            if (now - begun > LONGEST_TRANSFER.toNanos()) {
                return new Input.Failed(
                        "TRANSFER_STUCK",
                        "Nothing was handed over within " + LONGEST_TRANSFER.toSeconds() + " s: old says " + source
                                + ", new says " + target + ".");
            }
            boolean heard = heard(old, fresh);
            QemuSide.awaitNews(
                    List.of(old, fresh),
                    () -> toldEnough(old, fresh) || watch.resumed() || heard(old, fresh) != heard,
                    PACE);
        }
    }

    private static boolean toldEnough(QemuSide old, QemuSide fresh) {
        String source = old.migration();
        String target = fresh.migration();
        return (source.equals("completed") && target.equals("completed"))
                || GIVEN_UP.contains(source)
                || GIVEN_UP.contains(target);
    }

    private static boolean heard(QemuSide old, QemuSide fresh) {
        return old.unbroken() && fresh.unbroken();
    }

    private static Optional<Input> trouble(
            QemuSide old, QemuSide fresh, String source, String target, OldWatch watch, Complaint ofFresh)
            throws InterruptedException {
        try {
            if (!fresh.alive()) {
                if (GIVEN_UP.contains(lastWord(fresh))) {
                    return Optional.of(refused(fresh, ofFresh));
                }
                String words = printed(ofFresh);
                return Optional.of(new Input.Failed(
                        "NEW_DIED",
                        "The new QEMU died while the state was on its way to it"
                                + (words.isEmpty() ? "." : ": " + words)));
            }
            if (!old.alive()) {
                return Optional.of(new Input.Failed("OLD_DIED", "The running QEMU died during the switch."));
            }
        } catch (IOException e) {
            return Optional.of(new Input.Failed("PROCESS_UNREADABLE", String.valueOf(e.getMessage())));
        }
        if (GIVEN_UP.contains(target)) {
            return Optional.of(refused(fresh, ofFresh));
        }
        if (GIVEN_UP.contains(source)) {
            return Optional.of(
                    new Input.Failed("TRANSFER_FAILED", "The running QEMU gave the transfer up: " + reason(old)));
        }
        if (watch.resumed()) {
            return Optional.of(new Input.Failed("OLD_RESUMED", "The running QEMU was continued during the switch."));
        }
        return Optional.empty();
    }

    /** One that refuses a state says so and ends: what it said may be heard after its end is seen. A socket is empty when it is closed. */
    private static String lastWord(QemuSide ended) throws InterruptedException {
        QemuSide.awaitNews(
                List.of(ended), () -> !ended.unbroken() || GIVEN_UP.contains(ended.migration()), LAST_WORD_LIMIT);
        return ended.migration();
    }

    private static Input.Failed refused(QemuSide fresh, Complaint ofFresh) throws InterruptedException {
        return new Input.Failed(
                "NEW_REFUSED_STATE", "The new QEMU refused the guest's state: " + refusal(fresh, ofFresh));
    }

    /** It prints why and ends, so that often nobody is there any more to be asked. */
    private static String refusal(QemuSide fresh, Complaint ofFresh) throws InterruptedException {
        return answer(fresh).orElseGet(() -> {
            String words = printed(ofFresh);
            return words.isEmpty() ? NO_REASON : words;
        });
    }

    private static String printed(Complaint complaint) {
        try {
            return complaint.words();
        } catch (IOException e) {
            return "";
        }
    }

    private static String reason(QemuSide side) throws InterruptedException {
        return answer(side).orElse(NO_REASON);
    }

    private static Optional<String> answer(QemuSide side) throws InterruptedException {
        return side.ask(Duration.ofMillis(200)).map(QemuSide.Words::error).filter(text -> !text.isEmpty());
    }

    /** What a QEMU printed of what went wrong; empty if nothing. */
    interface Complaint {
        String words() throws IOException;
    }
}
