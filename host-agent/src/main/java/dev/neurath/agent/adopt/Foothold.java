package dev.neurath.agent.adopt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that lives for a moment in the surroundings that a second QEMU is to have. What the kernel made of it, and which files it may open, is what the
 * QEMU would find: capabilities that no start gives, and a release that its user cannot read, are known before any guest is touched.
 */
public final class Foothold {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** test(1) asks the kernel, so access lists and capabilities count; it stays until it was looked at. */
    private static final String LOOK =
            "for need; do test \"-${need%%:*}\" \"${need#*:}\" || { printf '%s\\n' \"$need\"; exit; }; done; echo all; read -r _";

    private static final String ALL = "all";
    /** Longer than any path. */
    private static final int MOST_BYTES = 8192;

    private final int pid;
    private final Surroundings its;
    private final Surroundings own;

    private Foothold(int pid, Surroundings its, Surroundings own) {
        this.pid = pid;
        this.its = its;
        this.own = own;
    }

    /**
     * What a process of this command line may do with a file.
     *
     * @param how as test(1) names it: r, w or x
     */
    public record Need(char how, Path path) {
        String word() {
            return how + ":" + path;
        }
    }

    public static Need reads(Path path) {
        return new Need('r', path);
    }

    public static Need writes(Path path) {
        return new Need('w', path);
    }

    public static Need enters(Path path) {
        return new Need('x', path);
    }

    /** @throws NotAdoptable for surroundings that the agent cannot give */
    public static Foothold of(int pid) throws IOException, NotAdoptable {
        var foothold = new Foothold(pid, surroundings(pid), surroundings((int)
                ProcessHandle.current().pid()));
        var unused = foothold.words();
        return foothold;
    }

    static Surroundings surroundings(int pid) throws IOException, NotAdoptable {
        return Surroundings.of(pid)
                .orElseThrow(() -> new NotAdoptable("SURROUNDINGS", "Process %d is gone.".formatted(pid)));
    }

    /** The user that it acts as, if that is not the agent's. */
    Optional<Long> otherUser() {
        return its.user() == own.user() ? Optional.empty() : Optional.of(its.user());
    }

    /** What to put before the QEMU's own words. */
    public List<String> words() throws NotAdoptable {
        return StartWords.of(pid, its, own);
    }

    /** Control groups to join before. */
    public List<Path> groups() {
        return its.groups(own);
    }

    /** "user 64055", for a sentence. */
    public String user() {
        return "user " + its.user();
    }

    /**
     * Looks, unless it would be as the agent itself is.
     *
     * @return the first of them that it may not do
     * @throws NotAdoptable if the kernel makes something else of a process that is started so
     */
    public Optional<Need> misses(List<Need> needs) throws IOException, NotAdoptable {
        if (its.identity().equals(own.identity())) {
            return Optional.empty();
        }
        var command = new ArrayList<>(words());
        command.addAll(List.of("/bin/sh", "-c", LOOK, "sh"));
        needs.forEach(need -> command.add(need.word()));
        var builder =
                new ProcessBuilder(command).directory(Path.of("/").toFile()).redirectErrorStream(true);
        builder.environment().clear();
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new NotAdoptable("SURROUNDINGS", "Nothing can be started as it was: " + e.getMessage() + ".");
        }
        try {
            String said = line(process);
            if (!said.equals(ALL)) {
                return Optional.of(needs.stream()
                        .filter(need -> need.word().equals(said))
                        .findFirst()
                        .orElseThrow(() -> new NotAdoptable(
                                "SURROUNDINGS", "Nothing can be started as process %d was: %s.".formatted(pid, said))));
            }
            Optional<String> other =
                    its.identity().differs(surroundings((int) process.pid()).identity());
            if (other.isPresent()) {
                throw new NotAdoptable(
                        "SURROUNDINGS", "The %s for what the agent starts like it.".formatted(other.get()));
            }
            return Optional.empty();
        } finally {
            process.destroyForcibly();
        }
    }

    /** What it says has a few words; its user may write more into it, and keep it open. */
    private static String line(Process process) throws IOException {
        InputStream said = process.getInputStream();
        var line = CompletableFuture.supplyAsync(() -> {
            try {
                var text = new ByteArrayOutputStream();
                for (int next = said.read();
                        next >= 0 && next != '\n' && text.size() < MOST_BYTES;
                        next = said.read()) {
                    text.write(next);
                }
                return text.size() == 0 ? "it ended at once" : text.toString(StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            return line.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + process.pid() + " looked", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("a process that was to look at files did not answer", e);
        } finally {
            said.close();
        }
    }
}
