package dev.neurath.agent.qemu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The command line of a VM, changed so that it builds the same devices and reaches nothing of the VM's: disks of the same size that hold nothing, networks that
 * lead nowhere, no sockets, no output, another memory.
 *
 * <p>Devices, their order and their properties stay, for they are what a state is loaded into. What is not known to be harmless is refused by name: a probe that
 * could touch a guest is worse than none.
 */
public final class ThrowAwayArgv {
    /** This command line cannot be rebuilt without what belongs to the VM. */
    public static final class NotPossible extends IOException {
        private static final long serialVersionUID = 1L;

        public NotPossible(String sentence) {
            super(sentence);
        }
    }

    /**
     * One piece of the VM's memory, as its command line describes it.
     *
     * @param path of the file it lies in; empty = it has no name
     * @param offset where in the file it begins; empty = at its beginning
     */
    public record Backend(String id, String path, String offset, long bytes) {}

    /** What takes the place of what is the VM's own. */
    public interface StandIns {
        /** @return a file that stands in for that memory */
        Path memory(Backend backend) throws IOException;

        /** @return false: what the throw-away writes into memory, it writes into copies of its own */
        boolean shared();

        /** @return true: a tap device of the throw-away's own, which is down and joined to nothing, stands in for one of the VM's; else a hub, whose frames have no header */
        boolean taps();
    }

    /** One file for all memory, of the throw-away's own or of a VM whose memory is one file. */
    public record Memory(Path file, boolean shared) implements StandIns {
        @Override
        public Path memory(Backend backend) {
            return file;
        }

        @Override
        public boolean taps() {
            return false;
        }
    }

    private static final JsonMapper JSON = new JsonMapper();

    /** With their value: monitors, addresses, and what decides how the guest starts. */
    private static final Set<String> DROPPED = Set.of(
            "-mon",
            "-qmp",
            "-qmp-pretty",
            "-monitor",
            "-pidfile",
            "-D",
            "-d",
            "-vnc",
            "-spice",
            "-gdb",
            "-trace",
            "-incoming",
            "-loadvm",
            "-runas",
            "-run-with",
            "-overcommit",
            "-realtime",
            "-chroot",
            "-mem-path",
            "-name");

    private static final Set<String> DROPPED_FLAGS =
            Set.of("-S", "-daemonize", "-s", "-mem-prealloc", "-snapshot", "-no-shutdown", "-preconfig");

    /** A character device of the guest's: the device stays and speaks to nobody. */
    private static final Set<String> SILENCED = Set.of("-serial", "-parallel", "-debugcon");

    /** What the machine is, and nothing that it reaches. */
    private static final Set<String> OF_THE_MACHINE = Set.of(
            "-machine",
            "-M",
            "-cpu",
            "-accel",
            "-smp",
            "-numa",
            "-m",
            "-global",
            "-set",
            "-boot",
            "-kernel",
            "-initrd",
            "-append",
            "-dtb",
            "-bios",
            "-L",
            "-vga",
            "-k",
            "-rtc",
            "-icount",
            "-uuid",
            "-smbios",
            "-acpitable",
            "-fw_cfg",
            "-action",
            "-watchdog-action",
            "-msg",
            "-compat",
            "-sandbox",
            "-seed",
            "-display");

    /** Objects that open no file to write and reach nobody. */
    private static final Set<String> OBJECTS = Set.of(
            "iothread",
            "main-loop",
            "thread-context",
            "throttle-group",
            "rng-builtin",
            "rng-random",
            "secret",
            "tls-creds-x509",
            "tls-creds-psk",
            "tls-creds-anon",
            "authz-simple",
            "authz-list",
            "authz-list-file",
            "authz-pam",
            "cryptodev-backend-builtin");

    /** Devices that are, or reach, something outside of the process. */
    private static final Pattern OUTSIDE = Pattern.compile(
            "(vfio|vhost|ivshmem|usb-host|usb-redir|usb-mtp|usb-ccid|ccid|u2f-|tpm-|virtio-9p|scsi-generic|scsi-block|pci-assign|xen-|kvm-pci).*");

    private static final Set<String> FLAGS = Set.of(
            "-nodefaults",
            "-no-user-config",
            "-nographic",
            "-enable-kvm",
            "-no-acpi",
            "-no-hpet",
            "-no-reboot",
            "-no-fd-bootchk",
            "-only-migratable",
            "-usb",
            "-win2k-hack",
            "-full-screen",
            "-no-quit",
            "-singlestep");

    /** Names of devices that nobody else makes, so that no rule of the host's takes them for a guest's. */
    private static final String TAP = "neurath";

    /** What of a drive's options is the device's, and not where its data is. */
    private static final Set<String> DRIVE_KEPT = Set.of(
            "id",
            "if",
            "index",
            "bus",
            "unit",
            "media",
            "read-only",
            "readonly",
            "werror",
            "rerror",
            "serial",
            "copy-on-read",
            "node-name");

    private final StandIns standIns;
    private final List<String> made = new ArrayList<>();
    private final Map<String, Long> nodes = new HashMap<>();
    private final Map<String, Path> places = new HashMap<>();
    private int hubs;

    private ThrowAwayArgv(StandIns standIns) {
        this.standIns = standIns;
    }

    /**
     * @param argv of the VM, in whatever release's words
     * @param prefix how many of them call the program, and stay
     * @param control where the throw-away listens, for nobody but us
     */
    public static List<String> of(List<String> argv, int prefix, StandIns standIns, Path control) throws IOException {
        var throwAway = new ThrowAwayArgv(standIns);
        throwAway.made.addAll(argv.subList(0, prefix));
        Iterator<String> words = argv.listIterator(prefix);
        while (words.hasNext()) {
            String word = words.next();
            // QEMU takes two dashes for one.
            String option = word.startsWith("--") ? word.substring(1) : word;
            if (FLAGS.contains(option) || DROPPED_FLAGS.contains(option)) {
                throwAway.flag(option);
            } else if (option.startsWith("-") && words.hasNext()) {
                throwAway.option(option, words.next());
            } else {
                throw new NotPossible("'%s' on its command line is not known".formatted(word));
            }
        }
        throwAway.made.addAll(List.of(
                "-chardev",
                "socket,id=neurath-throw-away,path=" + QemuArgv.escaped(control.toString()) + ",server=on,wait=off"));
        throwAway.made.addAll(List.of("-mon", "chardev=neurath-throw-away,mode=control"));
        return List.copyOf(throwAway.made);
    }

    private void flag(String option) {
        if (option.equals("-nographic")) {
            made.addAll(List.of("-display", "none"));
        } else if (!DROPPED_FLAGS.contains(option)) {
            made.add(option);
        }
    }

    private void option(String option, String value) throws IOException {
        if (DROPPED.contains(option)) {
            return;
        }
        if (SILENCED.contains(option)) {
            // A character device that is named is silenced where it is made, and another of its label cannot be.
            made.addAll(List.of(option, value.equals("none") || value.startsWith("chardev:") ? value : "null"));
            return;
        }
        switch (option) {
            case "-display" -> made.addAll(List.of("-display", "none"));
            case "-chardev" ->
                made.addAll(List.of(option, "null,id=" + parts(value).getOrDefault("id", "")));
            case "-netdev" -> made.addAll(List.of(option, network(parts(value))));
            case "-blockdev" -> made.addAll(List.of(option, block(value)));
            case "-drive" -> made.addAll(List.of(option, drive(parts(value))));
            case "-object" -> made.addAll(List.of(option, object(value)));
            case "-device" -> made.addAll(List.of(option, device(value)));
            case "-audiodev" ->
                made.addAll(List.of(option, "none,id=" + parts(value).getOrDefault("id", "")));
            default -> {
                if (!OF_THE_MACHINE.contains(option)) {
                    throw new NotPossible("it is not known what '%s' reaches".formatted(option));
                }
                made.addAll(List.of(option, value));
            }
        }
    }

    private static String device(String value) throws NotPossible {
        Map<String, String> device = value.startsWith("{") ? flat(tree(value)) : parts(value);
        if (OUTSIDE.matcher(device.getOrDefault("driver", device.getOrDefault("", "")))
                .matches()) {
            throw new NotPossible("a second process cannot have the device '%s'".formatted(value));
        }
        return value;
    }

    /** The user network has a state of its own in the stream, so it stays one, cut off; any other is a hub with nobody else on it. */
    private String network(Map<String, String> netdev) throws NotPossible {
        String kind = netdev.getOrDefault("", netdev.getOrDefault("type", ""));
        String id = netdev.getOrDefault("id", "");
        if (kind.startsWith("vhost")) {
            throw new NotPossible("a network by %s cannot be rebuilt".formatted(kind));
        }
        if (kind.equals("user")) {
            return "user,id=" + id + ",restrict=on";
        }
        // The kernel gives it a number. Several queues would become several devices.
        return kind.equals("tap") && standIns.taps() && !netdev.containsKey("queues")
                ? "tap,id=" + id + ",ifname=" + TAP + "%d,script=no,downscript=no"
                : "hubport,hubid=" + hubs++ + ",id=" + id;
    }

    private String block(String value) throws IOException {
        Map<String, String> node = value.startsWith("{") ? flat(tree(value)) : parts(value);
        String name = node.getOrDefault("node-name", "");
        String driver = node.getOrDefault("driver", node.getOrDefault("", ""));
        if (driver.equals("null-co")) {
            return value;
        }
        long bytes = size(node, driver);
        nodes.put(name, bytes);
        var nothing = new LinkedHashMap<String, Object>();
        nothing.put("driver", "null-co");
        nothing.put("node-name", name);
        nothing.put("size", bytes);
        nothing.put("read-zeroes", true);
        boolean readOnly = List.of("on", "true").contains(node.getOrDefault("read-only", ""));
        nothing.put("read-only", readOnly);
        return json(nothing);
    }

    private long size(Map<String, String> node, String driver) throws IOException {
        String filename = node.getOrDefault("filename", node.getOrDefault("file.filename", ""));
        String below = node.getOrDefault("file", "");
        if (!filename.isEmpty()) {
            Path file = Path.of(filename);
            places.put(node.getOrDefault("node-name", ""), file);
            return ImageSize.of(file, driver);
        }
        Path file = places.get(below);
        if (file != null) {
            return ImageSize.of(file, driver);
        }
        if (nodes.containsKey(below)) {
            return nodes.get(below);
        }
        throw new NotPossible("the size of block node '%s' is not known".formatted(node.getOrDefault("node-name", "")));
    }

    private String drive(Map<String, String> drive) throws IOException {
        var kept = new ArrayList<String>();
        String file = drive.getOrDefault("file", drive.getOrDefault("file.filename", ""));
        if (file.isEmpty()) {
            // Empty, unless an option that is not known here says otherwise.
            if (!DRIVE_KEPT.containsAll(drive.keySet())) {
                throw new NotPossible("it is not known where the data of drive '%s' is".formatted(drive));
            }
            drive.forEach((key, value) -> kept.add(key.isEmpty() ? value : key + "=" + QemuArgv.escaped(value)));
            return String.join(",", kept);
        }
        if (drive.getOrDefault("if", "").equals("pflash")) {
            throw new NotPossible("firmware in flash is read and written");
        }
        kept.add("driver=null-co");
        kept.add("size="
                + ImageSize.of(Path.of(file), drive.getOrDefault("format", drive.getOrDefault("driver", "raw"))));
        kept.add("read-zeroes=on");
        drive.forEach((key, value) -> {
            if (DRIVE_KEPT.contains(key)) {
                kept.add(key + "=" + QemuArgv.escaped(value));
            }
        });
        return String.join(",", kept);
    }

    /** Every memory back-end that is a file becomes ours; it is not filled beforehand, which would write to it. */
    private String object(String value) throws IOException {
        Map<String, String> object = value.startsWith("{") ? flat(tree(value)) : parts(value);
        String kind = object.getOrDefault("qom-type", object.getOrDefault("", ""));
        if (OBJECTS.contains(kind)) {
            return value;
        }
        if (!kind.startsWith("memory-backend-")) {
            throw new NotPossible("it is not known what an object of kind '%s' reaches".formatted(kind));
        }
        var ours = new LinkedHashMap<String, Object>();
        ours.put("qom-type", "memory-backend-file");
        ours.put("id", object.getOrDefault("id", ""));
        long bytes = bytes(object.getOrDefault("size", ""));
        var backend = new Backend(
                object.getOrDefault("id", ""),
                object.getOrDefault("mem-path", ""),
                object.getOrDefault("offset", ""),
                bytes);
        ours.put("size", bytes);
        ours.put("share", standIns.shared());
        ours.put("mem-path", standIns.memory(backend).toString());
        return json(ours);
    }

    /** QEMU's numbers: bytes, or with a suffix in powers of 1024. */
    private static long bytes(String text) throws NotPossible {
        if (!text.matches("[0-9]+[KMGTkmgtBb]?")) {
            throw new NotPossible("'%s' is no size".formatted(text));
        }
        int scale = "bkmgt".indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
        return scale < 0 ? Long.parseLong(text) : Long.parseLong(text.substring(0, text.length() - 1)) << (10 * scale);
    }

    private static ObjectNode tree(String value) throws NotPossible {
        try {
            return (ObjectNode) JSON.readTree(value);
        } catch (JsonProcessingException | ClassCastException e) {
            throw new NotPossible("'%s' is no JSON object".formatted(value));
        }
    }

    private static Map<String, String> flat(ObjectNode tree) {
        var flat = new LinkedHashMap<String, String>();
        tree.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (value.isObject()) {
                flat((ObjectNode) value).forEach((key, inner) -> flat.put(entry.getKey() + "." + key, inner));
            } else {
                flat.put(entry.getKey(), value.asText());
            }
        });
        return flat;
    }

    /** {@code kind,key=value,flag}: the kind under the empty key; a doubled comma is one of the value's. */
    static Map<String, String> parts(String value) {
        var parts = new LinkedHashMap<String, String>();
        for (String part : value.replace(",,", "\0").split(",", -1)) {
            String text = part.replace('\0', ',');
            int equals = text.indexOf('=');
            if (equals >= 0) {
                parts.put(text.substring(0, equals), text.substring(equals + 1));
            } else {
                parts.put(parts.isEmpty() ? "" : text, parts.isEmpty() ? text : "on");
            }
        }
        return parts;
    }

    private static String json(Map<String, ?> value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of strings and numbers are always JSON", e);
        }
    }
}
