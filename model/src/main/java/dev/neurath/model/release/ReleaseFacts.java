package dev.neurath.model.release;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a release's binary can do, asked of the binary itself. These are data: no rule knows a version.
 *
 * @param machineTypes that it can start; empty = not asked
 * @param abilities see the constants
 */
public record ReleaseFacts(SortedSet<String> machineTypes, SortedSet<String> abilities) {
    /** Its migration mode list holds cpr-transfer, so it can hand memory and fds to another process. */
    public static final String CPR_TRANSFER_OUT = "cpr-transfer-out";

    /** It can be started to receive by cpr-transfer. */
    public static final String CPR_TRANSFER_IN = "cpr-transfer-in";

    /** Machine option aux-ram-share: memory beside the guest's RAM is shareable too, which cpr-transfer needs. */
    public static final String AUX_RAM_SHARE = "aux-ram-share";

    /** Migration capability x-ignore-shared: RAM in a shared file is left where it is. */
    public static final String IGNORE_SHARED = "x-ignore-shared";

    public ReleaseFacts {
        machineTypes = Collections.unmodifiableSortedSet(new TreeSet<>(machineTypes));
        abilities = Collections.unmodifiableSortedSet(new TreeSet<>(abilities));
    }

    public static ReleaseFacts of(Collection<String> machineTypes, Collection<String> abilities) {
        return new ReleaseFacts(new TreeSet<>(machineTypes), new TreeSet<>(abilities));
    }

    public boolean can(String ability) {
        return abilities.contains(ability);
    }
}
