package dev.neurath.agent.adopt;

import static dev.neurath.agent.adopt.Derivation.refuseIf;

import dev.neurath.agent.adopt.Derivation.Row;
import dev.neurath.agent.adopt.QemuCommandLine.Option;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rows of {@link Derivation} for what a machine is made of: its type and CPU are pinned to what the running one resolved them to, its devices are on a
 * list of those whose whole state lies in QEMU's own stream.
 */
final class MachineRows {
    private static final Pattern CARRIED = Pattern.compile(String.join(
            "|",
            "virtio-(blk|net|scsi|serial|rng|balloon|gpu|vga|keyboard|mouse|tablet|iommu)(-(pci|device))?(-(non-)?transitional)?",
            "virtio-vga|virtserialport|virtconsole|scsi-(hd|cd)|ide-(hd|cd|drive)|(piix[34]|ich9)-(ide|ahci|usb-.*|intel-hda)|ahci",
            "nvme(-ns|-subsys)?|lsi.*|megasas.*|mptsas1068|am53c974|dc390|pvscsi|floppy|sd-card|sdhci-pci",
            "e1000.*|rtl8139|ne2k_(pci|isa)|(amd-)?pcnet|i8255.*|i8256.*|vmxnet3",
            "pci(e)?-.*(port|bridge).*|ioh3420|x3130-upstream|xio3130-downstream|pxb(-.*)?|i82801b11-bridge",
            "VGA|secondary-vga|cirrus-vga|bochs-display|vmware-svga|ramfb|isa-(serial|parallel|fdc|vga|cirrus-vga|ide|debugcon|debug-exit)|i8042",
            "(qemu|nec-usb)-xhci|(usb-)?(ehci|uhci|ohci)|pci-ohci|piix[34]-usb-uhci|usb-(tablet|mouse|kbd|hub|storage|ehci)",
            "intel-hda|hda-.*|AC97|ES1370|sb16|i6300esb|ib700|pvpanic(-pci)?|vmcoreinfo|vmgenid|intel-iommu",
            ".*-x86_64-cpu|pc-dimm|smbus-eeprom|loader"));
    private static final Set<String> MEMORY =
            Set.of("memory-backend-file", "memory-backend-memfd", "memory-backend-ram");
    private static final Set<String> PLAIN_OBJECTS = Set.of(
            "iothread",
            "rng-builtin",
            "rng-random",
            "secret",
            "throttle-group",
            "thread-context",
            "main-loop",
            "tls-creds-x509",
            "tls-creds-psk",
            "tls-creds-anon",
            "authz-simple",
            "authz-list",
            "authz-list-file",
            "authz-pam",
            "cryptodev-backend-builtin");

    static final Map<String, Row> ROWS = Map.of(
            "machine", MachineRows::machine,
            "M", MachineRows::machine,
            "cpu", MachineRows::cpu,
            "device", MachineRows::device,
            "object", MachineRows::object);

    private MachineRows() {}

    private static void machine(Option option, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(option.value(), "type");
        for (String file : List.of("kernel", "initrd", "dtb", "firmware", "shim")) {
            text = text.has(file) ? text.with(file, out.frame().absolute(text.get(file, ""))) : text;
        }
        if (text.has("type")) {
            // Another QEMU may understand another machine by the same short name.
            text = text.with("type", out.frame().machine());
            out.machineGiven();
        }
        out.keep("machine", text.text());
    }

    private static void cpu(Option option, Derivation out) {
        String pinned = out.frame().cpu();
        out.keep("cpu", pinned.isEmpty() ? option.value() : pinned);
    }

    private static void device(Option option, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(option.value(), "driver");
        String driver = text.get("driver", "");
        if (driver.startsWith("vfio-")) {
            String host = text.get("host", text.get("sysfsdev", ""));
            refuseIf(
                    !out.frame().resets().test(host),
                    "NO_FUNCTION_LEVEL_RESET",
                    "Host device %s cannot be reset by itself, so it cannot change its owner.".formatted(host));
        }
        refuseIf(
                driver.startsWith("vhost-vsock"),
                "BACKEND_EXCLUSIVE",
                "Context id %s of vsock belongs to one process at a time.".formatted(text.get("guest-cid", "")));
        refuseIf(
                !CARRIED.matcher(driver).matches(),
                "DEVICE_CLASS",
                "Device '%s' is not known to have all its state in QEMU's own stream.".formatted(driver));
        String rom = text.get("romfile", "");
        boolean path = rom.contains("/");
        out.keep("device", (path ? text.with("romfile", out.frame().absolute(rom)) : text).text());
    }

    private static void object(Option option, Derivation out) throws NotAdoptable {
        OptionText text = OptionText.parse(option.value(), "qom-type");
        String kind = text.get("qom-type", "");
        String id = text.get("id", kind);
        if (MEMORY.contains(kind)) {
            refuseIf(
                    text.on("discard-data"),
                    "DISCARD_DATA",
                    "Memory '%s' is thrown away when its QEMU ends (discard-data=on), also when the guest has moved."
                            .formatted(id));
            // Touched beforehand it would be written to while the guest uses it.
            OptionText memory = text.without("prealloc", "prealloc-threads", "prealloc-context");
            out.keep(
                    "object",
                    (memory.has("mem-path")
                                    ? memory.with("mem-path", out.frame().absolute(memory.get("mem-path", "")))
                                    : memory)
                            .text());
            return;
        }
        refuseIf(
                !PLAIN_OBJECTS.contains(kind),
                "DEVICE_CLASS",
                "Object '%s' of kind %s is not known to be one that two processes can have.".formatted(id, kind));
        OptionText absolute = text;
        for (String file : List.of("file", "dir", "filename")) {
            absolute =
                    absolute.has(file) ? absolute.with(file, out.frame().absolute(absolute.get(file, ""))) : absolute;
        }
        out.keep("object", absolute.text());
    }
}
