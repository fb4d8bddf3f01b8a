package dev.neurath.cli.doctor;

import dev.neurath.cli.output.Words;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a host agent that runs as this user, on this machine, would find what it needs. Looks, and changes nothing. */
public final class Machine {
    private static final long LITTLE_RAM = 1L << 30;

    /** A QEMU has some 50 open files, and the agent a few for each. */
    private static final long FEW_FILES = 4096;

    private final Path root;

    /** @param root what stands for {@code /} */
    public Machine(Path root) {
        this.root = root;
    }

    public List<Finding> findings() throws IOException {
        return List.of(virtualization(), ramFiles(), hugePages(), controlGroups(), capabilities(), openFiles());
    }

    private Finding virtualization() {
        Path device = root.resolve("dev/kvm");
        if (!Files.exists(device)) {
            return Finding.warn(
                    "kvm",
                    device + " is not there: only VMs with accel: tcg can run here.",
                    "load the module kvm_intel or kvm_amd, or turn virtualization on in the firmware");
        }
        try {
            FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    .close();
            return Finding.ok("kvm", device + " can be opened.");
        } catch (IOException refused) {
            return Finding.fail(
                    "kvm",
                    device + " cannot be opened: " + refused.getMessage(),
                    "run the agent as root, or put its user into the group that owns the device");
        }
    }

    private Finding ramFiles() throws IOException {
        Path directory = root.resolve("dev/shm");
        if (!Files.isDirectory(directory)) {
            return Finding.fail("ram", directory + " is not there.", "mount a tmpfs, and name it with --ram");
        }
        FileStore store = Files.getFileStore(directory);
        String free = "%s has %s free of %s for guests' memory."
                .formatted(directory, Words.bytes(store.getUsableSpace()), Words.bytes(store.getTotalSpace()));
        return store.getUsableSpace() < LITTLE_RAM
                ? Finding.warn(
                        "ram", free, "mount -o remount,size=… it larger, or give the agent another tmpfs with --ram")
                : Finding.ok("ram", free);
    }

    private Finding hugePages() throws IOException {
        Optional<String> mount = mounts("hugetlbfs").findFirst();
        return mount.map(where -> Finding.ok("huge pages", "A hugetlbfs is mounted at " + where + "."))
                .orElseGet(() -> Finding.ok("huge pages", "No hugetlbfs is mounted; guests' memory goes to tmpfs."));
    }

    private Finding controlGroups() throws IOException {
        Optional<String> mount = mounts("cgroup2").findFirst();
        if (mount.isEmpty()) {
            return Finding.warn(
                    "control groups",
                    "No cgroup2 is mounted: QEMUs stay in the agent's own group, and end with its unit.",
                    "mount cgroup2 on /sys/fs/cgroup, and run the agent with KillMode=process");
        }
        Path top = root.resolve(mount.get().substring(1));
        return Files.isWritable(top)
                ? Finding.ok("control groups", "A group can be made for each VM below " + top + ".")
                : Finding.warn(
                        "control groups",
                        top
                                + " cannot be written by this user: QEMUs stay in the agent's own group, and end with its unit.",
                        "run the agent as root, and with KillMode=process");
    }

    private Finding capabilities() throws IOException {
        boolean all =
                "0".equals(status("Uid").map(line -> line.split("\\s+")[0]).orElse(""));
        return all
                ? Finding.ok("user", "Runs as root.")
                : Finding.warn(
                        "user",
                        "Does not run as root: VMs of other users cannot be handed over.",
                        "run the agent as root");
    }

    private Finding openFiles() throws IOException {
        Path limits = root.resolve("proc/self/limits");
        try (Stream<String> lines = Files.lines(limits)) {
            String soft = lines.filter(line -> line.startsWith("Max open files"))
                    .map(line ->
                            line.substring("Max open files".length()).trim().split("\\s+")[0])
                    .findFirst()
                    .orElse("unlimited");
            boolean few = !soft.equals("unlimited") && Long.parseLong(soft) < FEW_FILES;
            String sentence = "At most %s files may be open.".formatted(soft);
            return few
                    ? Finding.warn("open files", sentence, "LimitNOFILE=%d in the unit, or ulimit -n".formatted(65_536))
                    : Finding.ok("open files", sentence);
        }
    }

    private Optional<String> status(String field) throws IOException {
        try (Stream<String> lines = Files.lines(root.resolve("proc/self/status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.substring(field.length() + 1).trim())
                    .findFirst();
        }
    }

    private Stream<String> mounts(String type) throws IOException {
        try (Stream<String> lines = Files.lines(root.resolve("proc/self/mounts"))) {
            return lines
                    .map(line -> line.split(" "))
                    .filter(words -> words.length > 2
                            && words[2].toLowerCase(Locale.ROOT).equals(type))
                    .map(words -> words[1])
                    .toList()
                    .stream();
        }
    }
}
