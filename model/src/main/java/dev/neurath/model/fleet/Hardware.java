package dev.neurath.model.fleet;

import dev.neurath.model.vm.VmSpec;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a VM's description says of its virtual hardware, as far as a hand-over cares. The agent looks at the live process again.
 *
 * @param privateMemory what makes guest memory unshareable, or empty
 * @param devices QEMU device names given as extra arguments
 */
public record Hardware(Optional<String> privateMemory, SortedSet<String> devices) {
    /** Their state lives outside QEMU's device stream, or outside the process: no method here carries it. */
    private static final List<String> NOT_CARRIED = List.of("vfio-", "vhost-user-", "ivshmem");

    public Hardware {
        devices = Collections.unmodifiableSortedSet(new TreeSet<>(devices));
    }

    public static Hardware of(VmSpec spec) {
        Optional<String> privateMemory = Optional.empty();
        var devices = new TreeSet<String>();
        List<String> arguments = spec.extraArguments();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String value = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
            switch (argument) {
                case "-device", "--device" -> devices.add(firstPart(value));
                case "-object", "--object" -> {
                    String kind = firstPart(value);
                    boolean isPrivate = (kind.equals("memory-backend-ram") && !value.contains("share=on"))
                            || (kind.startsWith("memory-backend-") && value.contains("share=off"));
                    privateMemory = isPrivate ? Optional.of(value) : privateMemory;
                }
                default -> {}
            }
        }
        return new Hardware(privateMemory, devices);
    }

    /** @return the first device that no method can hand over, or empty */
    public Optional<String> notCarried() {
        return devices.stream()
                .filter(device -> NOT_CARRIED.stream().anyMatch(device::startsWith))
                .findFirst();
    }

    private static String firstPart(String value) {
        int comma = value.indexOf(',');
        String first = comma < 0 ? value : value.substring(0, comma);
        return first.startsWith("driver=") ? first.substring("driver=".length()) : first;
    }
}
