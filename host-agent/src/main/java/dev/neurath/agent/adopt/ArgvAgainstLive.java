package dev.neurath.agent.adopt;

import dev.neurath.agent.adopt.QemuCommandLine.Option;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Whether a running machine is still the one that its command line describes: another QEMU built from that line would open the disk layer of before, or lack
 * a device. Compares what can be named on both sides; all of the machine is compared again when a second one has been built. Pure.
 */
final class ArgvAgainstLive {
    private static final Set<String> IMAGES =
            Set.of("", "cdrom", "fda", "fdb", "hda", "hdb", "hdc", "hdd", "mtdblock", "pflash", "sd");
    /** Labels that QEMU gives by itself. */
    private static final Pattern OWN_LABEL = Pattern.compile(
            "(serial|parallel|compat_monitor|vc|mon|debugcon|gdb|virtcon|usbserial|braille)[0-9]*(-base)?");
    /** Options that make devices of their own, each at most one. */
    private static final Set<String> MAKES_DEVICES = Set.of("usbdevice", "watchdog", "virtfs", "nic", "net", "audio");

    private final Frame frame;
    private final Set<String> devices = new TreeSet<>();
    private final Set<String> chardevs = new TreeSet<>();
    private final Set<String> objects = new TreeSet<>();
    private final Set<String> nodes = new HashSet<>();
    private final Set<String> images = new HashSet<>();
    private int unnamedDevices;
    private int perhapsMore;

    private ArgvAgainstLive(Frame frame) {
        this.frame = frame;
    }

    /** @return the first difference, in words */
    static Optional<String> difference(QemuCommandLine commandLine, Frame frame, LiveMachine live) throws NotAdoptable {
        var said = new ArgvAgainstLive(frame);
        for (Option option : commandLine.options()) {
            said.take(option);
        }
        return said.compare(live);
    }

    private void take(Option option) throws NotAdoptable {
        switch (option.name()) {
            case "device" -> {
                OptionText text = OptionText.parse(option.value(), "driver");
                text.get("id").ifPresentOrElse(devices::add, () -> unnamedDevices++);
            }
            case "drive" -> {
                OptionText text = OptionText.parse(option.value(), "");
                unnamedDevices += text.get("if", "").equals("virtio") ? 1 : 0;
                text.get("file").ifPresent(this::image);
                text.get("file.filename").ifPresent(this::image);
                text.get("node-name").ifPresent(nodes::add);
            }
            case "blockdev" -> {
                OptionText text = OptionText.parse(option.value(), "");
                text.mapped("filename", this::image);
                text.mapped("node-name", name -> {
                    nodes.add(name);
                    return name;
                });
            }
            case "chardev" ->
                OptionText.parse(option.value(), "backend").get("id").ifPresent(chardevs::add);
            case "object" ->
                OptionText.parse(option.value(), "qom-type").get("id").ifPresent(objects::add);
            default -> {
                if (IMAGES.contains(option.name())) {
                    image(option.value());
                }
                perhapsMore += MAKES_DEVICES.contains(option.name()) ? 1 : 0;
            }
        }
    }

    private String image(String name) {
        images.add(frame.absolute(name));
        return name;
    }

    private Optional<String> compare(LiveMachine live) {
        Set<String> named = live.namedDevices();
        return first(missing("Device '%s' was unplugged", devices, named))
                .or(() -> first(missing("Device '%s' was plugged in", named, devices)))
                .or(() -> live.unnamedDevices() < unnamedDevices
                        ? Optional.of("A device without a name was unplugged")
                        : Optional.empty())
                .or(() -> live.unnamedDevices() > unnamedDevices + perhapsMore
                        ? Optional.of("A device without a name was plugged in")
                        : Optional.empty())
                .or(() -> disks(live))
                .or(() -> first(missing(
                        "Character device '%s' was removed",
                        chardevs, live.facts().chardevs().keySet())))
                .or(() -> first(missing(
                                "Character device '%s' was added",
                                live.facts().chardevs().keySet(), chardevs))
                        .filter(words -> !OWN_LABEL.matcher(quoted(words)).matches()))
                .or(() -> first(missing(
                        "Object '%s' was removed", objects, live.objects().keySet())))
                .or(() -> addedObject(live));
    }

    private Optional<String> disks(LiveMachine live) {
        for (Map.Entry<String, String> drive : live.inserted().entrySet()) {
            String file = drive.getValue();
            // A name that QEMU composed is compared when the second one has composed it too.
            boolean plain = !file.startsWith("json:") && !file.matches("[a-z][a-z0-9+.-]*:.*");
            if (plain && !file.isEmpty() && !images.contains(frame.absolute(file))) {
                return Optional.of("Drive '%s' is now on %s".formatted(drive.getKey(), file));
            }
        }
        return live.facts().blockNodes().stream()
                .map(node -> node.name())
                .filter(name -> !name.startsWith("#") && !nodes.contains(name))
                .findFirst()
                .map("Block node '%s' was added"::formatted);
    }

    private Optional<String> addedObject(LiveMachine live) {
        return live.objects().entrySet().stream()
                .filter(object ->
                        !objects.contains(object.getKey()) && !object.getValue().startsWith("memory-backend-"))
                .filter(object -> !object.getValue().equals("main-loop"))
                .findFirst()
                .map(object -> "Object '%s' of kind %s was added".formatted(object.getKey(), object.getValue()));
    }

    private static Set<String> missing(String words, Set<String> wanted, Set<String> there) {
        var found = new TreeSet<String>();
        wanted.stream().filter(name -> !there.contains(name)).forEach(name -> found.add(words.formatted(name)));
        return found;
    }

    private static Optional<String> first(Set<String> words) {
        return words.stream().findFirst();
    }

    private static String quoted(String words) {
        return words.substring(words.indexOf('\'') + 1, words.lastIndexOf('\''));
    }
}
