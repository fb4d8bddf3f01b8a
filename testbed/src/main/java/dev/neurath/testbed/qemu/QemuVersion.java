package dev.neurath.testbed.qemu;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A QEMU version as the program itself states it, or the front part of one. Versions are compared, never listed: no rule
 * of this project names one.
 */
public record QemuVersion(List<Integer> numbers) implements Comparable<QemuVersion> {
    private static final Pattern STATED = Pattern.compile("QEMU emulator version (\\d+(?:\\.\\d+)*)");
    private static final Pattern PACKAGED = Pattern.compile("(?:\\d+:)?(\\d+(?:\\.\\d+)*).*");

    public QemuVersion {
        numbers = List.copyOf(numbers);
        if (numbers.isEmpty()) {
            throw new IllegalArgumentException("a version has at least one number");
        }
    }

    @JsonCreator
    public static QemuVersion parse(String text) {
        List<Integer> numbers = new ArrayList<>();
        for (String number : text.split("\\.", -1)) {
            numbers.add(Integer.valueOf(number));
        }
        return new QemuVersion(numbers);
    }

    /** From the first line of {@code qemu-system-x86_64 --version}. */
    static Optional<QemuVersion> ofStatement(String output) {
        Matcher matcher = STATED.matcher(output);
        return matcher.find() ? Optional.of(parse(matcher.group(1))) : Optional.empty();
    }

    /**
     * From a Debian package version such as {@code 1:10.0.13+ds-0+deb13u1}. It may be less than the whole: the package
     * 7.2+dfsg-7+deb12u18 holds a 7.2.22.
     */
    static Optional<QemuVersion> ofPackage(String packageVersion) {
        Matcher matcher = PACKAGED.matcher(packageVersion);
        return matcher.matches() ? Optional.of(parse(matcher.group(1))) : Optional.empty();
    }

    /** Number by number: 10.0 starts 10.0.13, while 1 does not start 10. */
    public boolean starts(QemuVersion longer) {
        return longer.numbers.size() >= numbers.size()
                && longer.numbers.subList(0, numbers.size()).equals(numbers);
    }

    @Override
    public int compareTo(QemuVersion other) {
        for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
            int here = i < numbers.size() ? numbers.get(i) : -1;
            int there = i < other.numbers.size() ? other.numbers.get(i) : -1;
            if (here != there) {
                return Integer.compare(here, there);
            }
        }
        return 0;
    }

    @Override
    @JsonValue
    public String toString() {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining("."));
    }
}
