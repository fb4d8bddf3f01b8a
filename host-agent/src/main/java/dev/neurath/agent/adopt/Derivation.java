package dev.neurath.agent.adopt;

import dev.neurath.agent.adopt.Derived.Argument;
import dev.neurath.agent.adopt.Derived.Carried;
import dev.neurath.agent.adopt.QemuCommandLine.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The command line of a running QEMU, made into one for another that builds the same machine beside it: {@link #ROWS} says for each option whether it is
 * kept, dropped, changed or refused. An option that is not in the table is refused, since nobody knows whether it binds a name that two cannot both
 * have. Pure; what it makes is compared with the running machine before the guest is touched.
 */
public final class Derivation {
    /** What one option becomes. */
    interface Row {
        void derive(Option option, Derivation out) throws NotAdoptable;
    }

    private static final Pattern PROTOCOL = Pattern.compile("[a-z][a-z0-9+.-]*:.*", Pattern.DOTALL);

    static final Map<String, Row> ROWS = rows();

    private final Frame frame;
    private final List<Argument> arguments = new ArrayList<>();
    private final List<String> publicPaths = new ArrayList<>();
    private final List<Carried> carried = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private boolean ownOutput;
    private boolean machineGiven;

    private Derivation(Frame frame) {
        this.frame = frame;
    }

    public static Derived derive(QemuCommandLine commandLine, Frame frame) throws NotAdoptable {
        var out = new Derivation(frame);
        for (Option option : commandLine.options()) {
            Row row = ROWS.get(option.name());
            if (row == null) {
                throw new NotAdoptable(
                        "ARGUMENT_UNKNOWN",
                        "Nobody here knows what option -%s does, so nothing can be started beside it."
                                .formatted(option.name()));
            }
            row.derive(option, out);
        }
        if (!out.machineGiven) {
            out.add("-machine", frame.machine());
        }
        return new Derived(out.arguments, out.publicPaths, out.carried, out.ownOutput);
    }

    private static Map<String, Row> rows() {
        var rows = new HashMap<String, Row>();
        // Says nothing of paths, sockets or descriptors.
        for (String name : List.of(
                "accel",
                "action",
                "alt-grab",
                "append",
                "async-teardown",
                "boot",
                "compat",
                "ctrl-grab",
                "enable-fips",
                "enable-kvm",
                "full-screen",
                "g",
                "global",
                "k",
                "m",
                "mon",
                "msg",
                "name",
                "no-acpi",
                "no-fd-bootchk",
                "no-hpet",
                "no-quit",
                "no-reboot",
                "no-shutdown",
                "no-user-config",
                "nodefaults",
                "nouserconfig",
                "numa",
                "one-insn-per-tick",
                "only-migratable",
                "overcommit",
                "portrait",
                "prom-env",
                "rtc",
                "sandbox",
                "seed",
                "set",
                "singlestep",
                "smp",
                "tb-size",
                "usb",
                "usbdevice",
                "uuid",
                "vga",
                "watchdog",
                "watchdog-action",
                "win2k-hack")) {
            rows.put(name, (option, out) -> out.keep(option));
        }
        // How it was started, what it printed of itself, and where its own files lie: the new one's start says it anew.
        for (String name : List.of(
                "D",
                "L",
                "S",
                "d",
                "daemonize",
                "dfilter",
                "incoming",
                "loadvm",
                "mem-prealloc",
                "preconfig",
                "trace")) {
            rows.put(name, (option, out) -> {});
        }
        for (String name : List.of(
                "",
                "cdrom",
                "dtb",
                "fda",
                "fdb",
                "hda",
                "hdb",
                "hdc",
                "hdd",
                "initrd",
                "kernel",
                "mem-path",
                "mtdblock",
                "pflash",
                "sd")) {
            rows.put(name, (option, out) -> out.keep(option.name(), out.frame.absolute(option.value())));
        }
        rows.put("bios", (option, out) -> out.keep("bios", out.ifThere(option.value())));
        rows.put("option-rom", (option, out) -> out.keep("option-rom", out.ifThere(option.value())));
        rows.put("pidfile", (option, out) -> {
            String path = out.publicPath(option.value());
            out.add(binding -> "-pidfile", binding -> binding.bound(path));
        });
        for (String name : List.of("drive", "blockdev")) {
            rows.put(name, Derivation::disk);
        }
        for (String name : List.of("fw_cfg", "smbios", "acpitable")) {
            rows.put(name, Derivation::table);
        }
        // The second one begins as whom the first has become: a command line is what a process says of itself, and what
        // is begun as root opens files as root.
        rows.put("runas", (option, out) -> {});
        rows.put("run-with", (option, out) -> {
            OptionText text = OptionText.parse(option.value(), "");
            OptionText kept = text.without("user");
            refuseIf(text.has("chroot"), "SURROUNDINGS", "It lives below another root directory (-run-with chroot).");
            // The new QEMU's parent is not whom its owner meant.
            refuseIf(
                    text.on("exit-with-parent"),
                    "SUPERVISED",
                    "It ends with the process that started it (-run-with exit-with-parent).");
            for (String known : List.of("async-teardown", "user", "chroot", "exit-with-parent")) {
                text = text.without(known);
            }
            refuseIf(
                    !text.text().isEmpty(),
                    "ARGUMENT_UNKNOWN",
                    "It is not known what '%s' of -run-with means.".formatted(text.text()));
            if (!kept.text().isEmpty()) {
                out.keep("run-with", kept.text());
            }
        });
        rows.put("icount", (option, out) -> {
            refuseIf(
                    OptionText.parse(option.value(), "shift").has("rr"),
                    "DEVICE_CLASS",
                    "It records or replays its execution (-icount rr).");
            out.keep(option);
        });
        refused(rows, "SURROUNDINGS", "It lives below another root directory (-%s).", "chroot");
        refused(
                rows,
                "BACKEND_EXCLUSIVE",
                "-%s listens on a TCP port, which two processes cannot share.",
                "gdb",
                "s",
                "spice");
        refused(rows, "BACKEND_EXCLUSIVE", "-%s holds what only one process can hold.", "tpmdev", "curses", "sdl");
        refused(
                rows,
                "DISK_NOT_REOPENABLE",
                "-%s keeps what the guest writes in a file that nobody else can open.",
                "snapshot");
        refused(
                rows,
                "FD_NOT_TRANSFERABLE",
                "-%s brings an open file, which is carried for tap devices only.",
                "add-fd");
        refused(rows, "DEVICE_CLASS", "-%s shares a directory, whose state no method hands over.", "virtfs", "fsdev");
        rows.putAll(BackendRows.ROWS);
        rows.putAll(MachineRows.ROWS);
        return Map.copyOf(rows);
    }

    private static void refused(Map<String, Row> rows, String code, String sentence, String... names) {
        for (String name : names) {
            rows.put(name, (option, out) -> {
                throw new NotAdoptable(code, sentence.formatted(name));
            });
        }
    }

    private static void disk(Option option, Derivation out) throws NotAdoptable {
        OptionText disk = OptionText.parse(option.value(), "");
        refuseIf(
                disk.on("snapshot"),
                "DISK_NOT_REOPENABLE",
                "Disk '%s' keeps what the guest writes in a file that nobody else can open.".formatted(option.value()));
        for (String key : disk.keys()) {
            refuseIf(
                    disk.get(key, "").startsWith("/dev/fdset/"),
                    "FD_NOT_TRANSFERABLE",
                    "Disk '%s' was opened by somebody else and passed on; only tap devices are carried."
                            .formatted(option.value()));
        }
        OptionText named = disk.mapped("filename", out::image);
        // Of a -blockdev "file" is the name of a node.
        boolean image = option.name().equals("drive") && named.has("file");
        out.keep(option.name(), (image ? named.with("file", out.image(named.get("file", ""))) : named).text());
    }

    private static void table(Option option, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(option.value(), option.name().equals("fw_cfg") ? "name" : "");
        out.keep(
                option.name(),
                text.mapped("file", path -> out.frame.absolute(path))
                        .mapped("data", path -> out.frame.absolute(path))
                        .text());
    }

    static void refuseIf(boolean wrong, String code, String sentence) throws NotAdoptable {
        if (wrong) {
            throw new NotAdoptable(code, sentence);
        }
    }

    Frame frame() {
        return frame;
    }

    /** As it was given. */
    void keep(Option option) {
        if (option.takesValue()) {
            keep(option.name(), option.value());
        } else {
            add(binding -> "-" + option.name());
        }
    }

    void keep(String name, String value) {
        if (!name.isEmpty()) {
            add(binding -> "-" + name);
        }
        add(binding -> value);
    }

    void add(String name, String value) {
        add(binding -> name, binding -> value);
    }

    void add(Argument... words) {
        arguments.addAll(List.of(words));
    }

    void machineGiven() {
        machineGiven = true;
    }

    void ownOutput() {
        ownOutput = true;
    }

    /** @return how many of these options came before */
    int count(String name) {
        return counts.merge(name, 1, Integer::sum) - 1;
    }

    /** @return as its owner knows it, absolute */
    String publicPath(String path) {
        String known = frame.absolute(path);
        publicPaths.add(known);
        return known;
    }

    /** @return the index of a descriptor to carry */
    int carried(Carried fd) {
        carried.add(fd);
        return carried.size() - 1;
    }

    /** An image's name; what begins with a protocol is one of QEMU's own kinds of names. A name alone is a node's, or a path. */
    private String image(String name) {
        return PROTOCOL.matcher(name).matches() || name.isEmpty() ? name : frame.absolute(name);
    }

    private String ifThere(String file) {
        Path path = Path.of(frame.absolute(file));
        return frame.exists().test(path) ? path.toString() : file;
    }
}
