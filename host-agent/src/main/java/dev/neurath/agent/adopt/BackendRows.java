package dev.neurath.agent.adopt;

import static dev.neurath.agent.adopt.Derivation.refuseIf;

import dev.neurath.agent.adopt.Derivation.Row;
import dev.neurath.agent.adopt.Derived.Carried;
import dev.neurath.agent.adopt.QemuCommandLine.Option;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@link Derivation} for what connects a machine to the world: character devices, monitors, displays, networks. A unix socket that is listened
 * on gets another name until the guest has moved; a tap device's descriptor is carried; what only one process can hold is refused.
 */
final class BackendRows {
    private static final Set<String> INNER_CHARDEVS =
            Set.of("null", "memory", "ringbuf", "testdev", "msmouse", "wctablet", "vc", "mux", "hub");
    private static final Set<String> NET_OF_ITS_OWN = Set.of("none", "nic", "hubport");

    static final Map<String, Row> ROWS = Map.ofEntries(
            Map.entry("chardev", BackendRows::chardev),
            Map.entry("serial", (option, out) -> device(option, "serial" + out.count("serial"), out)),
            Map.entry("parallel", (option, out) -> device(option, "parallel" + out.count("parallel"), out)),
            Map.entry("debugcon", (option, out) -> device(option, "debugcon", out)),
            Map.entry("monitor", (option, out) -> device(option, null, out)),
            Map.entry("qmp", (option, out) -> device(option, null, out)),
            Map.entry("qmp-pretty", (option, out) -> device(option, null, out)),
            Map.entry("nographic", (option, out) -> {
                stdio(out);
                out.keep(option);
            }),
            Map.entry("vnc", (option, out) -> vnc("-vnc", "", option.value(), out)),
            Map.entry("display", BackendRows::display),
            Map.entry("audiodev", (option, out) -> audio(option, "driver", out)),
            Map.entry("audio", (option, out) -> audio(option, "driver", out)),
            Map.entry("netdev", BackendRows::net),
            Map.entry("nic", BackendRows::net),
            Map.entry("net", BackendRows::net));

    private BackendRows() {}

    private static void chardev(Option option, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(option.value(), "backend");
        if (text.has("logfile")) {
            text = text.with("logfile", out.frame().absolute(text.get("logfile", "")))
                    .with("logappend", "on");
        }
        String kind = text.get("backend", "");
        switch (kind) {
            case "socket" -> socket(text, out);
            case "file" -> out.keep("chardev", file(text, out).text());
            case "stdio" -> {
                stdio(out);
                out.keep("chardev", text.text());
            }
            default -> {
                refuseIf(
                        !INNER_CHARDEVS.contains(kind),
                        "BACKEND_EXCLUSIVE",
                        "Character device '%s' holds what only one process can hold.".formatted(text.get("id", kind)));
                out.keep("chardev", text.text());
            }
        }
    }

    private static void socket(OptionText text, Derivation out) throws NotAdoptable {
        String id = text.get("id", "");
        refuseIf(
                text.has("fd"),
                "FD_NOT_TRANSFERABLE",
                "Character device '%s' was given an open socket; only tap devices are carried.".formatted(id));
        refuseIf(
                !text.has("path") || text.on("abstract"),
                "BACKEND_EXCLUSIVE",
                "Character device '%s' is on an address that cannot be renamed, which two processes cannot share."
                        .formatted(id));
        refuseIf(
                !text.on("server"),
                "BACKEND_EXCLUSIVE",
                "Character device '%s' is connected to somebody else's socket, who would see it twice.".formatted(id));
        String path = out.publicPath(text.get("path", ""));
        // One that waits for its client would not start.
        OptionText waitless = text.without("nowait", "wait").with("wait", "off");
        out.add(
                binding -> "-chardev",
                binding -> waitless.with("path", binding.bound(path)).text());
    }

    /** Opened anew it would lose what is in it. */
    private static OptionText file(OptionText text, Derivation out) {
        OptionText opened =
                text.with("path", out.frame().absolute(text.get("path", ""))).with("append", "on");
        return text.has("input-path")
                ? opened.with("input-path", out.frame().absolute(text.get("input-path", "")))
                : opened;
    }

    private static void stdio(Derivation out) throws NotAdoptable {
        refuseIf(
                !out.frame().inputIsNull(),
                "BACKEND_EXCLUSIVE",
                "It reads its standard input, and two processes would take each other's part of it.");
        refuseIf(
                !out.frame().outputReopens(),
                "BACKEND_EXCLUSIVE",
                "Its standard output is a socket, which no other process can open.");
        out.ownOutput();
    }

    /**
     * The old way of naming a character device.
     *
     * @param label that QEMU gives it; null where it stays as it is
     */
    private static void device(Option option, @Nullable String label, Derivation out) throws NotAdoptable {
        String value = option.value();
        String plain = value.startsWith("mon:") ? value.substring(4) : value;
        int colon = plain.indexOf(':');
        switch (colon < 0 ? plain : plain.substring(0, colon)) {
            case "none", "null", "vc", "chardev", "msmouse" -> out.keep(option);
            case "stdio" -> {
                stdio(out);
                out.keep(option);
            }
            case "unix" -> unix(option, plain.substring(colon + 1), value.equals(plain) ? "" : "mon:", out);
            case "file" -> {
                refuseIf(
                        label == null || !value.equals(plain),
                        "BACKEND_EXCLUSIVE",
                        "-%s %s cannot be opened again without losing what is in it.".formatted(option.name(), value));
                String path = out.frame().absolute(plain.substring(colon + 1)).replace(",", ",,");
                out.keep("chardev", "file,id=%s,path=%s,append=on".formatted(label, path));
                out.keep(option.name(), "chardev:" + label);
            }
            default ->
                throw new NotAdoptable(
                        "BACKEND_EXCLUSIVE",
                        "-%s %s holds what only one process can hold.".formatted(option.name(), value));
        }
    }

    private static void unix(Option option, String address, String prefix, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(address, "path");
        refuseIf(
                !text.on("server"),
                "BACKEND_EXCLUSIVE",
                "-%s %s is connected to somebody else's socket, who would see it twice."
                        .formatted(option.name(), option.value()));
        String path = out.publicPath(text.get("path", ""));
        OptionText waitless = text.without("nowait", "wait").with("wait", "off");
        out.add(
                binding -> "-" + option.name(),
                binding -> prefix + "unix:"
                        + waitless.with("path", binding.bound(path)).text());
    }

    private static void vnc(String word, String prefix, String value, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(value, "vnc");
        String address = text.get("vnc", "");
        if (address.equals("none")) {
            out.add(word, prefix + value);
            return;
        }
        refuseIf(
                !address.startsWith("unix:") || text.has("websocket") || text.on("reverse"),
                "BACKEND_EXCLUSIVE",
                "VNC listens at %s, a TCP port, which two processes cannot share.".formatted(address));
        String path = out.publicPath(address.substring("unix:".length()));
        out.add(
                binding -> word,
                binding ->
                        prefix + text.with("vnc", "unix:" + binding.bound(path)).text());
    }

    private static void display(Option option, Derivation out) throws NotAdoptable {
        String value = option.value();
        if (value.startsWith("vnc=")) {
            vnc("-display", "vnc=", value.substring(4), out);
            return;
        }
        String kind = OptionText.parse(value, "type").get("type", "");
        refuseIf(
                !kind.equals("none"),
                "BACKEND_EXCLUSIVE",
                "Display '%s' is a window or a bus that only one process can hold.".formatted(kind));
        out.keep(option);
    }

    private static void audio(Option option, String implied, Derivation out) throws NotAdoptable {
        String driver = OptionText.parse(option.value(), implied).get("driver", "");
        refuseIf(
                !driver.equals("none"),
                "BACKEND_EXCLUSIVE",
                "Sound goes out through '%s', which the new QEMU would open a second time.".formatted(driver));
        out.keep(option);
    }

    private static void net(Option option, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(option.value(), "type");
        String kind = text.get("type", "");
        String id = text.get("id", kind);
        switch (kind) {
            case "user" -> {
                refuseIf(
                        text.has("hostfwd") || text.has("guestfwd"),
                        "BACKEND_EXCLUSIVE",
                        "Network '%s' listens on a port of the host, which two processes cannot share.".formatted(id));
                OptionText absolute = text;
                for (String directory : List.of("smb", "tftp")) {
                    absolute = absolute.has(directory)
                            ? absolute.with(directory, out.frame().absolute(absolute.get(directory, "")))
                            : absolute;
                }
                out.keep(option.name(), absolute.text());
            }
            case "tap", "bridge" -> tap(option.name(), text, id, out);
            case "vhost-user", "vhost-vdpa" ->
                throw new NotAdoptable(
                        "DEVICE_CLASS", "Network '%s' is %s, whose state lies outside QEMU.".formatted(id, kind));
            default -> {
                refuseIf(
                        !NET_OF_ITS_OWN.contains(kind),
                        "BACKEND_EXCLUSIVE",
                        "Network '%s' is of kind %s, which only one process can hold.".formatted(id, kind));
                out.keep(option);
            }
        }
    }

    /** The device stays attached, with its addresses and its place in the bridge: another QEMU reads from the very same queue. */
    private static void tap(String name, OptionText text, String id, Derivation out) throws NotAdoptable {
        refuseIf(
                text.on("vhost") || text.has("vhostfd") || text.has("vhostfds") || text.on("vhostforce"),
                "DEVICE_CLASS",
                "Network '%s' uses vhost, whose state lies in the kernel.".formatted(id));
        refuseIf(
                text.has("fds") || !text.get("queues", "1").equals("1"),
                "FD_NOT_TRANSFERABLE",
                "Network '%s' has several queues; only one is carried.".formatted(id));
        String fd = text.get("fd", "");
        refuseIf(
                !fd.matches("[0-9]{0,9}"),
                "FD_NOT_TRANSFERABLE",
                "Network '%s' has descriptor '%s', which was given to QEMU later by name.".formatted(id, fd));
        int index = out.carried(
                fd.isEmpty() ? new Carried.Tap(text.get("ifname", "")) : new Carried.Inherited(Integer.parseInt(fd)));
        OptionText rest = text.without(
                        "ifname", "script", "downscript", "br", "helper", "vnet_hdr", "queues", "vhost", "fd")
                .with("type", "tap");
        out.add(
                binding -> "-" + name,
                binding -> rest.with("fd", Integer.toString(binding.fd(index))).text());
    }
}
