package dev.neurath.agent.vm;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.agent.log.DiskGate;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.model.VmId;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** What the agent knows of its VMs, one file each, replaced as a whole and synced: after any crash it is the old or the new, never a part. */
public final class VmStore {
    private static final String SUFFIX = ".vm";

    private final Path directory;
    private final DiskGate gate;

    public VmStore(Path stateDirectory) throws IOException {
        this(stateDirectory, DiskGate.OPEN);
    }

    VmStore(Path stateDirectory, DiskGate gate) throws IOException {
        this.gate = gate;
        this.directory = Files.createDirectories(stateDirectory.resolve("vms"));
    }

    public void save(AgentVm vm) throws IOException {
        Path target = file(new VmId(vm.getSpec().getId()));
        Path draft = target.resolveSibling(target.getFileName() + ".new");
        gate.beforeWrite(target);
        Files.write(draft, vm.toByteArray());
        sync(draft, StandardOpenOption.WRITE);
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(directory, StandardOpenOption.READ);
    }

    public void remove(VmId vm) throws IOException {
        Files.deleteIfExists(file(vm));
        sync(directory, StandardOpenOption.READ);
    }

    public List<VmId> ids() throws IOException {
        var found = new ArrayList<VmId>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                found.add(new VmId(name.substring(0, name.length() - SUFFIX.length())));
            }
        }
        return found;
    }

    public AgentVm load(VmId vm) throws IOException {
        try {
            return AgentVm.parseFrom(Files.readAllBytes(file(vm)));
        } catch (InvalidProtocolBufferException e) {
            throw LogFailure.unreadable(file(vm) + " is no record of a VM: " + e.getMessage());
        }
    }

    private Path file(VmId vm) {
        return directory.resolve(vm + SUFFIX);
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }
}
