package dev.neurath.model.proof;

import dev.neurath.model.vm.VmSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What of a VM decides whether a release can take its state over: its machine and its devices with their options, and not what they are called or where
 * their data is. VMs of one shape share every proof.
 *
 * <p>Two VMs that are taken for different although they are not cost one more proof; the other way round would be wrong, so what is not known to be a name or
 * a place stays in.
 */
public final class Shape {
    private static final int ID_BYTES = 8;

    /** Options of a device, back-end or character device that name things or places. */
    private static final Set<String> NAMES = Set.of(
            "id",
            "path",
            "chardev",
            "netdev",
            "drive",
            "mac",
            "logfile",
            "serial",
            "uuid",
            "node-name",
            "filename",
            "file",
            "mem-path",
            "memory-backend",
            "host",
            "port",
            "fd",
            "fds",
            "hostfwd");

    /** In JSON: such an option with its value; objects stay, without what in them is a name. */
    private static final Pattern JSON_NAME = Pattern.compile(
            "\"(?:" + String.join("|", NAMES) + ")\"\\s*:\\s*(?:\"(?:[^\"\\\\]|\\\\.)*\"|[-+.0-9A-Za-z]+)\\s*,?");

    private Shape() {}

    public static String of(VmSpec vm) {
        var parts = new ArrayList<String>();
        parts.add(vm.machine());
        parts.add(vm.cpu());
        parts.add(vm.accel());
        parts.add(Integer.toString(vm.vcpus()));
        parts.add(Long.toString(vm.memoryBytes()));
        vm.disks().forEach(disk -> parts.add("disk " + disk.readOnly()));
        vm.nics().forEach(nic -> parts.add(nic.tap() == null ? "nic user" : "nic tap"));
        VmSpec.Boot boot = vm.boot();
        parts.add("boot " + (boot.kernel() != null) + (boot.initrd() != null) + (boot.append() != null)
                + boot.firmware());
        for (Iterator<String> arguments = vm.extraArguments().iterator(); arguments.hasNext(); ) {
            String argument = arguments.next();
            if (argument.equals("-name") && arguments.hasNext()) {
                // What it is called, and nothing of the machine.
                arguments.next();
            } else if (argument.equals("-bios") && arguments.hasNext()) {
                // Another firmware is another size of its memory.
                parts.add(argument + " " + arguments.next());
            } else {
                parts.add(nameless(argument));
            }
        }
        return id(parts);
    }

    /** An argument without what it calls things. */
    static String nameless(String argument) {
        if (argument.startsWith("{")) {
            return JSON_NAME.matcher(argument).replaceAll("");
        }
        var kept = new ArrayList<String>();
        for (String part : argument.split(",", -1)) {
            int equals = part.indexOf('=');
            boolean name = equals >= 0 && NAMES.contains(part.substring(0, equals));
            if (!name && !part.startsWith("/")) {
                kept.add(part);
            }
        }
        return String.join(",", kept);
    }

    private static String id(List<String> parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                digest.update((part.length() + " " + part + "\n").getBytes(StandardCharsets.UTF_8));
            }
            return "s-" + HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
