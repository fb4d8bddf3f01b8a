package dev.neurath.testbed.apt;

import dev.neurath.testbed.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An apt state of our own, beside the machine's: own indices, own source list per question, an empty list of installed
 * packages, so that apt answers with everything a package needs, libc included. It never reads or writes the machine's
 * state and never installs; the machine's transport settings (proxies, credentials) hold here as well.
 *
 * <p>Each question names the suites it is about: were newer ones in sight, apt would take libraries from them.
 */
public final class AptState {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final String HELPER = "/usr/lib/apt/apt-helper";
    private static final Pattern MADISON =
            Pattern.compile("\\s*(\\S+)\\s*\\|\\s*(\\S+)\\s*\\|\\s*(\\S+) (\\S+)/\\S+ .*");

    private final Path directory;
    private final AptMirror mirror;

    public AptState(Path directory, AptMirror mirror) throws IOException {
        this.directory = directory;
        this.mirror = mirror;
        Files.createDirectories(directory.resolve("state/lists/partial"));
        Files.createDirectories(directory.resolve("cache/archives/partial"));
        Files.createDirectories(directory.resolve("sources"));
        Path status = directory.resolve("status");
        if (!Files.exists(status)) {
            Files.createFile(status);
        }
        write(directory.resolve("apt.conf"), """
                Dir::State "%1$s/state";
                Dir::State::lists "%1$s/state/lists";
                Dir::State::status "%1$s/status";
                Dir::Cache "%1$s/cache";
                Dir::Cache::pkgcache "";
                Dir::Cache::srcpkgcache "";
                Dir::Etc::sourceparts "/dev/null";
                Dir::Etc::preferences "/dev/null";
                Dir::Etc::preferencesparts "/dev/null";
                APT::Install-Recommends "0";
                APT::Install-Suggests "0";
                APT::Get::List-Cleanup "0";
                APT::Update::Error-Mode "any";
                // Apt's own user could not read a cache below somebody's home.
                APT::Sandbox::User "root";
                // What the machine runs after its own updates is no business of a private state.
                #clear APT::Update::Post-Invoke;
                #clear APT::Update::Post-Invoke-Success;
                #clear APT::Update::Pre-Invoke;
                Acquire::Languages "none";
                // One more try, and not three: a machine without network should say so soon.
                Acquire::Retries "1";
                // Without it apt prints MD5 sums where the index has them, and nothing where it has not.
                Acquire::ForceHash "SHA256";
                Debug::NoLocking "1";
                """.formatted(directory.toAbsolutePath()));
    }

    /** Fetches the indices of these suites, or fails with apt's own words; indices already here stay as they are. */
    public void update(List<String> suites) throws IOException, InterruptedException {
        run(suites, List.of("apt-get", "-q", "update"));
    }

    /**
     * The lasting name of a suite that has a moving one ({@code stable}). It is read unchecked, as a hint of where to
     * look: the indices of the suite so named are then fetched and checked as any other's.
     */
    public Optional<String> codename(String movingName) throws IOException, InterruptedException {
        Path file = Files.createTempFile(directory, "InRelease", "");
        try {
            String uri = mirror.uri().replaceFirst("/+$", "") + "/dists/" + movingName + "/InRelease";
            run(List.of(), List.of(HELPER, "download-file", uri, file.toString()));
            return Files.readString(file)
                    .lines()
                    .filter(line -> line.matches("Codename: [a-z][a-z0-9-]*"))
                    .map(line -> line.substring("Codename: ".length()))
                    .findFirst();
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** The newest version of a package in one suite alone, as far as the indices here tell. */
    public Optional<String> version(String suite, String packageName) throws IOException, InterruptedException {
        for (String line : run(List.of(suite), List.of("apt-cache", "madison", packageName))
                .lines()
                .toList()) {
            Matcher matcher = MADISON.matcher(line);
            if (matcher.matches() && matcher.group(1).equals(packageName)) {
                return Optional.of(matcher.group(2));
            }
        }
        return Optional.empty();
    }

    /** A package with everything it needs, the suite named last being preferred. */
    public List<PrintedUri> closure(List<String> suites, String packageName) throws IOException, InterruptedException {
        return PrintedUri.parse(run(
                suites,
                List.of("apt-get", "-qq", "-y", "--print-uris", "-t", suites.getLast(), "install", packageName)));
    }

    /** Packages alone, without what they need. */
    public List<PrintedUri> alone(List<String> suites, List<String> packageNames)
            throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(List.of("apt-get", "-qq", "--print-uris", "download"));
        argv.addAll(packageNames);
        return PrintedUri.parse(run(suites, argv));
    }

    /** The packages that a package depends on directly, by name. */
    public List<String> dependencies(List<String> suites, String packageName) throws IOException, InterruptedException {
        return run(suites, List.of("apt-cache", "depends", "--important", packageName))
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("Depends: "))
                .map(line -> line.substring("Depends: ".length()))
                .toList();
    }

    /** Downloads over apt's own transports (its proxies and credentials hold), one at a time per host. */
    void download(List<PrintedUri> uris, Path target) throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(List.of(HELPER, "download-file"));
        for (PrintedUri uri : uris) {
            argv.add(uri.uri());
            argv.add(target.resolve(uri.fileName()).toString());
            argv.add("SHA256:" + uri.sha256());
        }
        run(List.of(), argv);
    }

    private String run(List<String> suites, List<String> argv) throws IOException, InterruptedException {
        Path sources = directory.resolve("sources").resolve(String.join("+", suites) + ".sources");
        write(sources, suites.isEmpty() ? "" : mirror.sourceList(suites));
        List<String> whole = new ArrayList<>(argv);
        // Given by -c it is read after the machine's own files and wins; a file named by APT_CONFIG would be read
        // first.
        whole.addAll(
                1,
                List.of(
                        "-c",
                        directory.resolve("apt.conf").toAbsolutePath().toString(),
                        "-oDir::Etc::sourcelist=" + sources.toAbsolutePath()));
        return Command.of(LIMIT, whole).output();
    }

    /** Written beside and renamed: a reader without the lock never meets half a file. */
    private static void write(Path file, String text) throws IOException {
        Path beside = Files.createTempFile(file.toAbsolutePath().getParent(), ".new", "");
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
