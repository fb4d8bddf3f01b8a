package dev.neurath.model.proof;

/** How something was found out; none of them touches a guest. */
public enum Probe {
    /** Both binaries' descriptions of the devices' state, compared. */
    SCHEMA,
    /** The same machine with empty memory, handed over from one release to the other. */
    CLONE,
    /** That clone, taken back to the release that it came from. */
    CLONE_BACK
}
