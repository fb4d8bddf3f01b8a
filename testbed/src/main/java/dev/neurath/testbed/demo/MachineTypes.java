package dev.neurath.testbed.demo;

import dev.neurath.testbed.Command;
import dev.neurath.testbed.qemu.QemuInstall;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Which machine a guest must be booted with so that two QEMUs know it. */
final class MachineTypes {
    private static final Pattern NAME = Pattern.compile("(?m)^pc-q35-([0-9]+)\\.([0-9]+)\\s");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private MachineTypes() {}

    /** A versioned machine type. */
    record Type(int major, int minor) implements Comparable<Type> {
        @Override
        public int compareTo(Type other) {
            return Comparator.comparingInt(Type::major)
                    .thenComparingInt(Type::minor)
                    .compare(this, other);
        }

        @Override
        public String toString() {
            return "pc-q35-" + major + "." + minor;
        }
    }

    static Type newestCommon(QemuInstall from, QemuInstall to) throws IOException, InterruptedException {
        List<Type> theirs = of(to);
        return of(from).stream()
                .filter(theirs::contains)
                .max(Comparator.naturalOrder())
                .orElseThrow(() -> new DemoFailure(
                        "QEMU " + from.label() + " and " + to.label() + " have no machine type in common"));
    }

    private static List<Type> of(QemuInstall qemu) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(qemu.command());
        command.addAll(List.of("-machine", "help"));
        return parse(new Command(command, qemu.environment(), LIMIT).output());
    }

    static List<Type> parse(String help) {
        return NAME.matcher(help).results().map(MachineTypes::type).toList();
    }

    private static Type type(MatchResult name) {
        return new Type(Integer.parseInt(name.group(1)), Integer.parseInt(name.group(2)));
    }
}
