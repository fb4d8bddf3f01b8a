package dev.neurath.testbed.guest;

import dev.neurath.testbed.CacheLock;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.apt.AptMirror;
import dev.neurath.testbed.apt.AptState;
import dev.neurath.testbed.apt.PackageFiles;
import dev.neurath.testbed.apt.PrintedUri;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * A small real Linux with a virtio disk and a virtio NIC: Debian's kernel for virtual machines and its busybox, fetched
 * once and packed into an initramfs that starts one script. It prints numbered lines, each with the verdict on a file
 * in memory and one on the disk.
 *
 * @param kernel to be given as {@code -kernel}
 * @param initrd to be given as {@code -initrd}
 */
public record LinuxGuest(Path kernel, Path initrd) {
    /** Less, and the kernel has no room to unpack itself. */
    public static final int MEMORY_MIB = 128;

    private static final String KERNEL_PACKAGE = "linux-image-cloud-amd64";
    private static final List<String> MODULES = List.of("virtio_pci", "virtio_blk", "virtio_net", "ext4", "af_packet");
    private static final int DISK_BYTES = 8 << 20;

    /** From the cache, or else fetched from the suite that this machine runs. */
    public static LinuxGuest fetch(UserCache cache, Consumer<String> progress)
            throws IOException, InterruptedException {
        return fetch(cache, machineSuite(), progress);
    }

    public static LinuxGuest fetch(UserCache cache, String suite, Consumer<String> progress)
            throws IOException, InterruptedException {
        byte[] init = init();
        CRC32 crc = new CRC32();
        crc.update(init);
        // Another script is another guest: an initramfs of an earlier one must not be taken for it.
        Path home =
                cache.guests().resolve("linux-" + suite + "-" + HexFormat.of().toHexDigits((int) crc.getValue()));
        LinuxGuest guest = new LinuxGuest(home.resolve("vmlinuz"), home.resolve("initrd"));
        if (Files.exists(home)) {
            return guest;
        }
        try (CacheLock lock = CacheLock.of(cache.apt(), progress)) {
            if (lock.isHeld() && !Files.exists(home)) {
                build(cache, suite, init, home, progress);
            }
        }
        return guest;
    }

    private static void build(UserCache cache, String suite, byte[] init, Path home, Consumer<String> progress)
            throws IOException, InterruptedException {
        progress.accept("fetching a Linux kernel and busybox from " + suite);
        Path partial = cache.guests().resolve("partial");
        PackageFiles.deleteTree(partial);
        AptState apt = new AptState(cache.apt(), AptMirror.ofMachine(List.of(suite, machineSuite())));
        List<String> suites = List.of(suite);
        apt.update(suites);
        // The package of the lasting name is empty and depends on that of the kernel of the day.
        List<String> packages = new ArrayList<>(apt.dependencies(suites, KERNEL_PACKAGE).stream()
                .filter(name -> name.startsWith("linux-image-"))
                .toList());
        packages.add("busybox-static");
        List<PrintedUri> uris = apt.alone(suites, packages);
        Path root = partial.resolve("root");
        PackageFiles.fetch(apt, uris, partial.resolve("packages"), root, progress);
        Path guest = partial.resolve("guest");
        Files.createDirectories(guest);
        Files.write(guest.resolve("initrd"), initramfs(root, init, partial));
        Files.copy(only(root.resolve("boot"), "vmlinuz-"), guest.resolve("vmlinuz"));
        Files.move(guest, home, StandardCopyOption.ATOMIC_MOVE);
        PackageFiles.deleteTree(partial);
        progress.accept("the Linux guest is ready");
    }

    private static byte[] initramfs(Path root, byte[] init, Path work) throws IOException, InterruptedException {
        Path modules = PackageFiles.firstExisting(root, List.of("usr/lib/modules", "lib/modules"))
                .orElseThrow(() -> new IOException("the kernel's package holds no modules"));
        Path busybox = PackageFiles.firstExisting(root, List.of("usr/bin/busybox", "bin/busybox"))
                .orElseThrow(() -> new IOException("the package busybox-static holds no busybox"));
        CpioArchive archive = new CpioArchive();
        for (String directory : List.of("bin", "dev", "proc", "mem", "disk", "modules")) {
            archive.directory(directory);
        }
        // The kernel opens it for the first program, before anything is mounted.
        archive.characterDevice("dev/console", 5, 1);
        archive.file("bin/busybox", Files.readAllBytes(busybox));
        Map<String, byte[]> ordered = KernelModules.below(modules).inOrder(MODULES, work);
        StringBuilder order = new StringBuilder();
        for (Map.Entry<String, byte[]> module : ordered.entrySet()) {
            archive.file("modules/" + module.getKey(), module.getValue());
            order.append(module.getKey()).append('\n');
        }
        archive.file("modules/order", order.toString().getBytes(StandardCharsets.US_ASCII));
        archive.file("init", init);
        return archive.finish();
    }

    /** A disk image of the size the guest wants; it makes its file system itself, anew at every boot. */
    public static void createDisk(Path image) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(DISK_BYTES);
        }
    }

    /**
     * The QEMU arguments that boot it with its disk and its NIC, and send its lines to the end of a file. The NIC's wire
     * leads nowhere.
     */
    public List<String> arguments(Path disk, Path log) {
        return List.of(
                // The plainest CPU is the same one in every version; "max" is not.
                "-cpu",
                "qemu64",
                "-kernel",
                kernel.toString(),
                "-initrd",
                initrd.toString(),
                "-append",
                "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr mitigations=off random.trust_cpu=on audit=0"
                        + " apparmor=0 selinux=0 nowatchdog cryptomgr.notests",
                "-chardev",
                "file,id=lines,append=on,path=" + log,
                "-device",
                "isa-serial,chardev=lines",
                "-blockdev",
                "driver=raw,node-name=disk0,file.driver=file,file.filename=" + disk,
                "-device",
                "virtio-blk-pci,drive=disk0",
                "-netdev",
                "hubport,id=net0,hubid=0",
                "-device",
                "virtio-net-pci,netdev=net0");
    }

    private static byte[] init() throws IOException {
        try (InputStream in = LinuxGuest.class.getResourceAsStream("linux-init.sh")) {
            if (in == null) {
                throw new IllegalStateException("linux-init.sh is missing from the class path");
            }
            return in.readAllBytes();
        }
    }

    private static String machineSuite() throws IOException {
        return Files.readAllLines(Path.of("/etc/os-release")).stream()
                .filter(line -> line.startsWith("VERSION_CODENAME="))
                .map(line -> line.substring("VERSION_CODENAME=".length()).replace("\"", ""))
                .findFirst()
                .orElseThrow(() -> new IOException("/etc/os-release names no suite"));
    }

    private static Path only(Path directory, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + prefix + "* in " + directory));
        }
    }
}
