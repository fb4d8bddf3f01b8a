package dev.neurath.testbed.apt;

import dev.neurath.testbed.Command;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The Debian mirror that this machine already uses, and how it checks what comes from there. Its name comes from the
 * machine's apt configuration alone, never from this project; whether it holds a given suite is for apt to find out.
 */
public record AptMirror(String uri, String signedBy, boolean trusted) {

    /** Thrown where the machine names no mirror that could be asked for other suites. */
    public static final class NoMirrorException extends IOException {
        NoMirrorException(String message) {
            super(message);
        }
    }

    /** Asks apt itself where its sources stand, then takes the first that serves one of the given suites. */
    public static AptMirror ofMachine(Collection<String> suites) throws IOException, InterruptedException {
        if (!onPath("apt-get") || !onPath("dpkg")) {
            throw new NoMirrorException("this machine has no apt and dpkg, so there is no Debian mirror to ask");
        }
        String places = Command.of(
                        Duration.ofSeconds(20),
                        List.of(
                                "apt-config",
                                "shell",
                                "LIST",
                                "Dir::Etc::sourcelist/f",
                                "PARTS",
                                "Dir::Etc::sourceparts/d"))
                .output();
        Map<String, String> variables = new TreeMap<>();
        for (String line : places.lines().toList()) {
            int equals = line.indexOf('=');
            variables.put(line.substring(0, equals), line.substring(equals + 1).replace("'", ""));
        }
        List<AptSource> sources = new ArrayList<>();
        Path list = Path.of(variables.getOrDefault("LIST", "/etc/apt/sources.list"));
        if (Files.isRegularFile(list)) {
            sources.addAll(AptSource.ofOneLineForm(Files.readString(list)));
        }
        Path parts = Path.of(variables.getOrDefault("PARTS", "/etc/apt/sources.list.d"));
        if (Files.isDirectory(parts)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(parts, "*.{list,sources}")) {
                List<Path> ordered = new ArrayList<>();
                files.forEach(ordered::add);
                ordered.sort(null);
                for (Path file : ordered) {
                    String text = Files.readString(file);
                    sources.addAll(
                            file.toString().endsWith(".list")
                                    ? AptSource.ofOneLineForm(text)
                                    : AptSource.ofDeb822Form(text));
                }
            }
        }
        return among(sources, suites);
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** The first source that serves one of the suites out of component main, over a transport that needs no medium. */
    static AptMirror among(List<AptSource> sources, Collection<String> suites) throws NoMirrorException {
        for (AptSource source : sources) {
            if (source.components().contains("main") && source.suites().stream().anyMatch(suites::contains)) {
                for (String uri : source.uris()) {
                    if (!uri.startsWith("cdrom:")) {
                        return new AptMirror(uri, source.signedBy(), source.trusted());
                    }
                }
            }
        }
        throw new NoMirrorException("the machine's apt configuration names no Debian mirror: " + sources.size()
                + " sources, none of them serving main of one of " + suites);
    }

    /** The deb822 text of a source list that asks this mirror for these suites and nothing else. */
    String sourceList(List<String> suites) {
        StringBuilder text = new StringBuilder(
                "Types: deb\nURIs: " + uri + "\nSuites: " + String.join(" ", suites) + "\nComponents: main\n");
        if (!signedBy.isEmpty()) {
            text.append("Signed-By: ").append(signedBy).append('\n');
        }
        if (trusted) {
            text.append("Trusted: yes\n");
        }
        return text.toString();
    }
}
