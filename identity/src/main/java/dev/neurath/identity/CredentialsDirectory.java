package dev.neurath.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The newest usable contents of a {@code --tls} directory, so that certificates are renewed and CAs replaced without a restart.
 *
 * <p>Files are replaced one by one: what does not fit together is told once and not used, and what was read before goes on to count. Whose directory it is
 * never changes under a running program.
 */
public final class CredentialsDirectory implements Supplier<Credentials> {
    /** A connection is rare, a look at four files is cheap, and an operator who waits for an effect looks for some seconds. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Path directory;
    private final Consumer<String> told;
    private Credentials current;
    private List<Map<String, Object>> stamp;
    private String last = "";
    private long lookedAt = System.nanoTime();

    private CredentialsDirectory(
            Path directory, Consumer<String> told, Credentials current, List<Map<String, Object>> stamp) {
        this.directory = directory;
        this.told = told;
        this.current = current;
        this.stamp = stamp;
    }

    /** @param told of every change, and why one is not taken */
    public static CredentialsDirectory open(Path directory, Consumer<String> told) throws BadCredentials {
        List<Map<String, Object>> stamp = stampOf(directory);
        return new CredentialsDirectory(directory, told, Credentials.read(directory), stamp);
    }

    @Override
    public synchronized Credentials get() {
        if (System.nanoTime() - lookedAt >= LOOK_AGAIN.toNanos()) {
            lookedAt = System.nanoTime();
            look();
        }
        return current;
    }

    private void look() {
        try {
            List<Map<String, Object>> found = stampOf(directory);
            if (found.equals(stamp)) {
                return;
            }
            // Taken before the files are read: what changes while they are read is noticed by the next look.
            stamp = found;
            Credentials fresh = Credentials.read(directory);
            if (!fresh.self().equals(current.self())) {
                throw new BadCredentials(
                        "%s belongs to %s now, and this is %s: restart it to make it another"
                                .formatted(directory, fresh.self(), current.self()),
                        null);
            }
            current = fresh;
            tell("The credentials in %s were read anew; the certificate is good until %s"
                    .formatted(directory, fresh.chain().getFirst().getNotAfter().toInstant()));
        } catch (BadCredentials e) {
            tell("The credentials of before go on to count: " + e.getMessage());
        }
    }

    private void tell(String sentence) {
        if (!sentence.equals(last)) {
            last = sentence;
            told.accept(sentence);
        }
    }

    private static List<Map<String, Object>> stampOf(Path directory) throws BadCredentials {
        var stamp = new ArrayList<Map<String, Object>>();
        for (String name : Credentials.FILES) {
            try {
                stamp.add(Map.copyOf(Files.readAttributes(directory.resolve(name), "unix:ino,size,ctime")));
            } catch (NoSuchFileException e) {
                stamp.add(Map.of());
            } catch (IOException e) {
                throw new BadCredentials(directory.resolve(name) + " cannot be read: " + e.getMessage(), e);
            }
        }
        return stamp;
    }
}
