package dev.neurath.intent;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A VM file; {@link FileForms#VM} shows every field.
 *
 * apiVersion, kind, id, release, machine and memory must be there.
 */
final class VmFile {
    /** An alias like q35 means another machine in another QEMU. */
    private static final Pattern VERSIONED = Pattern.compile("[a-z0-9_.-]+-[0-9]+\\.[0-9]+(\\.[0-9]+)?");

    private static final Pattern MAC = Pattern.compile("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}");

    /** RAM files on hugetlbfs consist of pages of this size. */
    private static final long RAM_STEP = 2L << 20;

    /** QEMU's own limit for the machines of today. */
    private static final int MOST_VCPUS = 4096;

    private static final Duration USUAL_PAUSE = Duration.ofSeconds(1);

    private VmFile() {}

    /** @return null only if an error was reported */
    static @Nullable VmSpec read(Fields fields) {
        VmId id = fields.requiredValue("id", VmId::new);
        ReleaseId release = fields.requiredValue("release", ReleaseId::new);
        String machine = fields.requiredValue("machine", VmFile::machine);
        Long memory = fields.requiredValue("memory", VmFile::memory);
        String cpu = fields.text("cpu", "qemu64");
        String accel = fields.word("accel", java.util.Map.of("tcg", "tcg", "kvm", "kvm"), "tcg");
        int vcpus = fields.number("vcpus", 1, 1, MOST_VCPUS);
        List<VmSpec.Disk> disks = disks(fields);
        List<VmSpec.Nic> nics = nics(fields);
        VmSpec.Boot boot = boot(fields);
        List<String> extraArguments = fields.list("extraArguments", text -> text);
        var labels = fields.labels("labels");
        Duration pauseBudget = fields.duration("pauseBudget", USUAL_PAUSE);
        if (pauseBudget.isZero()) {
            fields.wrong("pauseBudget", "is 0: no hand-over is that short");
        }
        List<VmSpec.HealthProbe> health = health(fields);
        if (id == null || release == null || machine == null || memory == null) {
            return null;
        }
        return new VmSpec(
                id,
                release,
                machine,
                cpu,
                accel,
                vcpus,
                memory,
                disks,
                nics,
                boot,
                extraArguments,
                labels,
                pauseBudget,
                health);
    }

    private static String machine(String text) {
        if (!VERSIONED.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "is '%s' and must be a versioned machine type like pc-q35-10.0: an alias is another machine in another QEMU"
                            .formatted(text));
        }
        return text;
    }

    private static long memory(String text) {
        long bytes = Units.size(text);
        if (bytes == 0 || bytes % RAM_STEP != 0) {
            throw new IllegalArgumentException("is %s and must be a multiple of 2M".formatted(text));
        }
        return bytes;
    }

    private static List<VmSpec.Disk> disks(Fields fields) {
        var disks = new ArrayList<VmSpec.Disk>();
        var ids = new Fields.Unique();
        fields.mappings("disks", disk -> {
            String id = disk.text("id", "disk" + disks.size());
            ids.check(disk, "id", id);
            String path = disk.requiredValue("path", VmFile::absolute);
            String format = disk.word("format", java.util.Map.of("raw", "raw", "qcow2", "qcow2"), "raw");
            boolean readOnly = disk.flag("readOnly", false);
            if (path != null) {
                disks.add(new VmSpec.Disk(id, path, format, readOnly));
            }
        });
        return disks;
    }

    private static List<VmSpec.Nic> nics(Fields fields) {
        var nics = new ArrayList<VmSpec.Nic>();
        var ids = new Fields.Unique();
        var macs = new Fields.Unique();
        fields.mappings("nics", nic -> {
            String id = nic.text("id", "net" + nics.size());
            ids.check(nic, "id", id);
            String mac = nic.requiredValue("mac", VmFile::mac);
            String tap = nic.textOrNull("tap");
            if (mac != null) {
                macs.check(nic, "mac", mac);
                nics.add(new VmSpec.Nic(id, mac, tap));
            }
        });
        return nics;
    }

    private static VmSpec.Boot boot(Fields fields) {
        String kernel = path(fields, "kernel");
        String initrd = path(fields, "initrd");
        String append = fields.textOrNull("append");
        String firmware = path(fields, "firmware");
        if (kernel == null && initrd != null) {
            fields.wrong("initrd", "is of no use without a kernel");
        }
        if (kernel == null && append != null) {
            fields.wrong("append", "is of no use without a kernel");
        }
        return new VmSpec.Boot(kernel, initrd, append, firmware);
    }

    private static List<VmSpec.HealthProbe> health(Fields fields) {
        var probes = new ArrayList<VmSpec.HealthProbe>();
        fields.mappings("health", probe -> {
            String file = probe.requiredValue("beat", VmFile::absolute);
            if (file != null) {
                probes.add(new VmSpec.HealthProbe.Beat(file));
            }
        });
        return probes;
    }

    private static @Nullable String path(Fields fields, String name) {
        return fields.has(name) ? fields.requiredValue(name, VmFile::absolute) : null;
    }

    private static String absolute(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("is '%s' and must be an absolute path".formatted(text));
        }
        return text;
    }

    private static String mac(String text) {
        if (!MAC.matcher(text).matches()) {
            throw new IllegalArgumentException("is '%s' and must be a MAC address, in quotes".formatted(text));
        }
        return text;
    }
}
