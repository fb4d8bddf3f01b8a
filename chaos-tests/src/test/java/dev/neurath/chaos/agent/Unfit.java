package dev.neurath.chaos.agent;

import static dev.neurath.chaos.agent.Stranger.all;
import static dev.neurath.chaos.agent.Stranger.namedMemory;
import static dev.neurath.chaos.agent.Stranger.qmp;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** VMs that cannot be handed over: how each is started, what its owner then does to it, and by which code it is refused. */
enum Unfit {
    PRIVATE_MEMORY("MEMORY_PRIVATE", List.of("-machine", "pc-q35-10.0")),
    MEMFD_ALONE(
            "AUX_RAM_NOT_SHARED",
            List.of(
                    "-object", "memory-backend-memfd,id=ram,size=32M,share=on",
                    "-machine", "pc-q35-10.0,memory-backend=ram")),
    MEMORY_FILE_GONE("MEMORY_NOT_A_NAMED_FILE", namedMemory()) {
        @Override
        void change(Stranger stranger) throws IOException {
            Files.delete(stranger.directory.resolve("ram"));
        }
    },
    MEMORY_THROWN_AWAY(
            "DISCARD_DATA",
            List.of(
                    "-object", "memory-backend-file,id=ram,size=32M,share=on,mem-path=ram,discard-data=on",
                    "-machine", "pc-q35-10.0,memory-backend=ram")),
    PLUGGED_IN("ARGV_STALE", all(namedMemory(), List.of("-device", "qemu-xhci,id=usb"))) {
        @Override
        void change(Stranger stranger) throws IOException {
            stranger.must(
                    "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"usb-tablet\",\"id\":\"hot\",\"bus\":\"usb.0\"}}");
        }
    },
    UNPLUGGED("ARGV_STALE", all(namedMemory(), List.of("-device", "qemu-xhci,id=usb", "-device", "usb-kbd,id=gone"))) {
        @Override
        void change(Stranger stranger) throws IOException {
            stranger.must("{\"execute\":\"device_del\",\"arguments\":{\"id\":\"gone\"}}");
        }
    },
    ON_AN_OVERLAY("ARGV_STALE", all(namedMemory(), Stranger.disk())) {
        @Override
        void change(Stranger stranger) throws IOException {
            stranger.must("{\"execute\":\"blockdev-snapshot-sync\",\"arguments\":{\"device\":\"d\",\"snapshot-file\":\""
                    + stranger.directory.resolve("overlay.qcow2") + "\",\"format\":\"qcow2\"}}");
        }
    },
    IN_A_JOB("JOB_ACTIVE", all(namedMemory(), Stranger.disk())) {
        @Override
        void change(Stranger stranger) throws IOException {
            stranger.must("{\"execute\":\"drive-mirror\",\"arguments\":{\"device\":\"d\",\"sync\":\"full\",\"speed\":1,"
                    + "\"job-id\":\"copy\",\"format\":\"raw\",\"target\":\"" + stranger.directory.resolve("copy.img")
                    + "\"}}");
        }
    },
    PAUSED("RUNSTATE", namedMemory()) {
        @Override
        void change(Stranger stranger) throws IOException {
            stranger.must("{\"execute\":\"stop\"}");
        }
    },
    ON_A_PORT(
            "BACKEND_EXCLUSIVE",
            all(
                    namedMemory(),
                    List.of("-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:0-:22", "-device", "e1000,netdev=n"))),
    WITH_A_SHARED_DIRECTORY(
            "DEVICE_CLASS", all(namedMemory(), List.of("-virtfs", "local,path=.,mount_tag=t,security_model=none"))),
    A_DAEMON_ON_A_RELATIVE_DISK("DISK_NOT_REOPENABLE", all(namedMemory(), Stranger.disk(), List.of("-daemonize"))),
    READING_A_CONFIGURATION("ARGUMENT_UNKNOWN", all(namedMemory(), List.of("-readconfig", "vm.cfg")));

    final String code;

    @SuppressWarnings("ImmutableEnumChecker") // what all() makes is changed by nobody
    private final List<String> arguments;

    Unfit(String code, List<String> arguments) {
        this.code = code;
        this.arguments = arguments;
    }

    List<String> arguments() {
        return all(arguments, qmp(), List.of("-qmp", "unix:watch.qmp,server=on,wait=off"));
    }

    /** What its owner does to it after its start. */
    void change(Stranger stranger) throws IOException {}
}
