package dev.neurath.model.vm;

/** How the guest gets onto the new QEMU on the same host. */
public enum Method {
    /** QEMU's CPR: memory and fds travel over a side channel, device state over the main one. */
    CPR_TRANSFER,
    /** An ordinary migration to the same host whose RAM is the same file in both processes (x-ignore-shared). */
    SHARED_RAM
}
