package dev.neurath.testbed.guest;

import dev.neurath.testbed.Command;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The modules below one kernel's directory, and which must be loaded before which. A package has no {@code modules.dep}
 * before its maintainer script has run, so each module is asked: its {@code .modinfo} section names what it needs. A
 * module that is not there is taken to be built into the kernel.
 */
final class KernelModules {
    private static final Pattern FILE = Pattern.compile("(.+)\\.ko(\\.xz|\\.zst)?");
    private static final Pattern DEPENDS = Pattern.compile("\0depends=([^\0]*)\0");
    private static final Pattern SOFT_DEPENDS = Pattern.compile("\0softdep=pre: ([^\0]*)\0");
    private static final Duration DECOMPRESS_LIMIT = Duration.ofSeconds(30);

    private final Map<String, Path> files;

    private KernelModules(Map<String, Path> files) {
        this.files = files;
    }

    static KernelModules below(Path directory) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.filter(Files::isRegularFile).toList()) {
                Matcher name = FILE.matcher(path.getFileName().toString());
                if (name.matches()) {
                    files.put(plain(name.group(1)), path);
                }
            }
        }
        return new KernelModules(files);
    }

    /** These modules and all they need, uncompressed, in the order in which they are to be loaded. */
    Map<String, byte[]> inOrder(List<String> wanted, Path work) throws IOException, InterruptedException {
        Map<String, byte[]> ordered = new LinkedHashMap<>();
        for (String name : wanted) {
            visit(name, work, new ArrayList<>(), ordered);
        }
        return ordered;
    }

    private void visit(String name, Path work, List<String> path, Map<String, byte[]> ordered)
            throws IOException, InterruptedException {
        Path file = files.get(plain(name));
        if (file == null || ordered.containsKey(plain(name)) || path.contains(plain(name))) {
            return;
        }
        path.add(plain(name));
        byte[] content = content(file, work);
        for (String needed : needs(content)) {
            visit(needed, work, path, ordered);
        }
        ordered.put(plain(name), content);
    }

    static List<String> needs(byte[] module) {
        String text = new String(module, StandardCharsets.ISO_8859_1);
        List<String> needs = new ArrayList<>();
        Matcher soft = SOFT_DEPENDS.matcher(text);
        while (soft.find()) {
            // "pre: a b post: c": what comes after is not needed for loading.
            needs.addAll(
                    List.of(soft.group(1).replaceFirst("post:.*", "").strip().split("[\\s,]+")));
        }
        Matcher hard = DEPENDS.matcher(text);
        while (hard.find()) {
            needs.addAll(List.of(hard.group(1).split(",")));
        }
        needs.removeIf(String::isBlank);
        return needs;
    }

    private static byte[] content(Path file, Path work) throws IOException, InterruptedException {
        String name = file.getFileName().toString();
        String program = name.endsWith(".xz") ? "xz" : name.endsWith(".zst") ? "zstd" : "";
        if (program.isEmpty()) {
            return Files.readAllBytes(file);
        }
        Path copy = work.resolve(name);
        Files.copy(file, copy);
        Command.of(DECOMPRESS_LIMIT, List.of(program, "-q", "-d", copy.toString()))
                .output();
        Path plain = work.resolve(name.substring(0, name.lastIndexOf('.')));
        byte[] content = Files.readAllBytes(plain);
        Files.delete(plain);
        Files.deleteIfExists(copy);
        return content;
    }

    /** The kernel takes - and _ in a module's name for the same. */
    private static String plain(String name) {
        return name.replace('-', '_');
    }
}
