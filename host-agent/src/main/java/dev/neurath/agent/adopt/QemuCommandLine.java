package dev.neurath.agent.adopt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A QEMU's command line, taken apart as QEMU does it: program, then options with at most one value each, in their order.
 *
 * @param program the words before the first option: the program alone, or a dynamic loader, what it was told, and the program
 */
public record QemuCommandLine(List<String> program, List<Option> options) {
    /** From qemu-options.hx of 7.2 to 11.1: what is not here takes a value. */
    private static final Set<String> WITHOUT_VALUE = Set.of(
            "S",
            "alt-grab",
            "async-teardown",
            "ctrl-grab",
            "curses",
            "daemonize",
            "enable-fips",
            "enable-kvm",
            "full-screen",
            "mem-prealloc",
            "no-acpi",
            "no-fd-bootchk",
            "no-hpet",
            "no-quit",
            "no-reboot",
            "no-shutdown",
            "no-user-config",
            "nodefaults",
            "nographic",
            "nouserconfig",
            "one-insn-per-tick",
            "only-migratable",
            "portrait",
            "preconfig",
            "s",
            "sdl",
            "semihosting",
            "singlestep",
            "snapshot",
            "usb",
            "win2k-hack",
            "xen-attach",
            "xen-domid-restrict");

    private static final Set<String> LOADER_OPTIONS_WITH_VALUE = Set.of(
            "--library-path",
            "--preload",
            "--argv0",
            "--audit",
            "--inhibit-rpath",
            "--glibc-hwcaps-prepend",
            "--glibc-hwcaps-mask");
    private static final Pattern LOADER = Pattern.compile("ld(-linux.*|-musl.*|64|-[0-9.]+)?\\.so.*");

    /**
     * @param name without its dashes; empty for a disk image that stands alone
     * @param takesValue whether a value follows, which may be an empty word
     */
    public record Option(String name, boolean takesValue, String value) {}

    public QemuCommandLine {
        program = List.copyOf(program);
        options = List.copyOf(options);
    }

    /** @throws NotAdoptable if no program stands in it */
    public static QemuCommandLine parse(List<String> argv) throws NotAdoptable {
        int words = programWords(argv);
        var options = new ArrayList<Option>();
        for (int i = words; i < argv.size(); i++) {
            String word = argv.get(i);
            if (!word.startsWith("-")) {
                options.add(new Option("", true, word));
                continue;
            }
            // QEMU takes two dashes for one.
            String name = word.startsWith("--") ? word.substring(2) : word.substring(1);
            boolean takesValue = !WITHOUT_VALUE.contains(name) && i + 1 < argv.size();
            options.add(new Option(name, takesValue, takesValue ? argv.get(++i) : ""));
        }
        return new QemuCommandLine(argv.subList(0, words), options);
    }

    /** The program that runs, also behind a loader that was called explicitly. */
    public String binary() {
        return program.getLast();
    }

    /** Of an option that counts once the value that counts; empty if it was not given. */
    String last(String name) {
        String last = "";
        for (Option option : options) {
            last = option.name().equals(name) ? option.value() : last;
        }
        return last;
    }

    private static int programWords(List<String> argv) throws NotAdoptable {
        if (argv.isEmpty()) {
            throw new NotAdoptable("IDENTITY_UNSURE", "The process has no command line.");
        }
        Path first = Path.of(argv.getFirst()).getFileName();
        if (first == null || !LOADER.matcher(first.toString()).matches()) {
            return 1;
        }
        for (int i = 1; i < argv.size(); i++) {
            String word = argv.get(i);
            if (!word.startsWith("-")) {
                return i + 1;
            }
            i += LOADER_OPTIONS_WITH_VALUE.contains(word) ? 1 : 0;
        }
        throw new NotAdoptable("IDENTITY_UNSURE", "The process is a loader that was told no program.");
    }
}
