package dev.neurath.testbed.qemu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The suites to look in: data, not rules. A suite that the mirror does not hold is no error; one that appears tomorrow
 * is found through a moving name or named by whoever asks.
 *
 * @param entries each the suites apt may see at once, the one that is meant last
 */
record SuiteList(List<List<String>> entries) {

    static SuiteList standard() {
        try (InputStream in = SuiteList.class.getResourceAsStream("suites.list")) {
            if (in == null) {
                throw new IllegalStateException("suites.list is missing from the class path");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("suites.list cannot be read", e);
        }
    }

    static SuiteList parse(String text) {
        List<List<String>> entries = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String stated = line.replaceFirst("#.*", "").strip();
            if (!stated.isEmpty()) {
                entries.add(List.of(stated.split("\\s+")));
            }
        }
        return new SuiteList(entries);
    }

    /** With a suite that somebody named: {@code x-backports} leans on {@code x}, everything else stands alone. */
    SuiteList with(String suite) {
        if (of(suite).isPresent()) {
            return this;
        }
        List<List<String>> more = new ArrayList<>(entries);
        String backports = "-backports";
        more.add(
                suite.endsWith(backports)
                        ? List.of(suite.substring(0, suite.length() - backports.length()), suite)
                        : List.of(suite));
        return new SuiteList(more);
    }

    Optional<List<String>> of(String suite) {
        return entries.stream().filter(entry -> entry.getLast().equals(suite)).findFirst();
    }

    /** Every suite named, moving ones without their mark. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        entries.forEach(entry -> entry.forEach(name -> names.add(name.startsWith("@") ? name.substring(1) : name)));
        return names;
    }

    /** The moving names that a lasting one is to be found for: {@code stable}, which also settles its backports. */
    Set<String> movingRoots() {
        Set<String> names = new LinkedHashSet<>();
        entries.stream()
                .map(List::getFirst)
                .filter(name -> name.startsWith("@"))
                .forEach(name -> names.add(name.substring(1)));
        return names;
    }

    /** All suites by their lasting names, each once; entries of a moving name that is unknown are left out. */
    SuiteList settled(Map<String, String> codenames) {
        Set<List<String>> settled = new LinkedHashSet<>();
        for (List<String> entry : entries) {
            List<String> names = new ArrayList<>();
            for (String name : entry) {
                if (!name.startsWith("@")) {
                    names.add(name);
                    continue;
                }
                String moving = name.substring(1);
                codenames.forEach((from, to) -> {
                    if (moving.equals(from) || moving.startsWith(from + "-")) {
                        names.add(to + moving.substring(from.length()));
                    }
                });
            }
            if (names.size() == entry.size()) {
                settled.add(names);
            }
        }
        return new SuiteList(List.copyOf(settled));
    }
}
