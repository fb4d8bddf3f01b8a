package dev.neurath.chaos.handover;

import dev.neurath.codec.VmEventCodec;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The journal of a coordinator that is to survive its own death: what {@link #append} returned from is on the disk. One process writes; others may
 * read at any time.
 */
final class EventFile implements AutoCloseable {
    private final FileChannel file;

    private EventFile(FileChannel file) {
        this.file = file;
    }

    /** For the one who writes; what its predecessor had half-written is cut off. */
    static EventFile open(Path path) throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        file.truncate(read(path).length());
        file.position(file.size());
        return new EventFile(file);
    }

    void append(VmId vm, VmEvent event) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        byte[] encoded = VmEventCodec.encode(event).toByteArray();
        out.writeUTF(vm.value());
        out.writeInt(encoded.length);
        out.write(encoded);
        ByteBuffer left = ByteBuffer.wrap(bytes.toByteArray());
        while (left.hasRemaining()) {
            file.write(left);
        }
        file.force(true);
    }

    /**
     * What a journal says.
     *
     * @param length bytes of the whole entries
     */
    record Content(Map<VmId, VmState> vms, long length) {}

    static Content read(Path path) throws IOException {
        byte[] bytes = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
        var source = new ByteArrayInputStream(bytes);
        var in = new DataInputStream(source);
        var vms = new LinkedHashMap<VmId, VmState>();
        long whole = 0;
        while (source.available() > 0) {
            try {
                VmId vm = new VmId(in.readUTF());
                byte[] encoded = new byte[in.readInt()];
                in.readFully(encoded);
                VmEvent event = VmEventCodec.decode(dev.neurath.proto.v1.VmEvent.parseFrom(encoded));
                vms.put(vm, vms.getOrDefault(vm, VmState.initial(vm)).evolve(event));
                whole = (long) bytes.length - source.available();
            } catch (EOFException stillBeingWritten) {
                break;
            }
        }
        return new Content(vms, whole);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
