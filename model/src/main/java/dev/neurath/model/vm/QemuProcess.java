package dev.neurath.model.vm;

/**
 * The one QEMU process of a VM.
 *
 * @param startTicks start time in clock ticks after boot (/proc/PID/stat, field 22): with boot id and pid it names a process for ever
 * @param qmp absolute path of its control socket on the host
 */
public record QemuProcess(String bootId, int pid, long startTicks, String qmp) {}
