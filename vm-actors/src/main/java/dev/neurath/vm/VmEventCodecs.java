package dev.neurath.vm;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.codec.VmEventCodec;
import dev.neurath.codec.VmStateCodec;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import dev.neurath.persistence.events.EventCodec;
import dev.neurath.persistence.events.EventCodecSource;
import dev.neurath.proto.v1.VmSnapshot;
import java.util.List;

/** How a VM's events and snapshots stand in the journal: protobuf, version 1. */
public final class VmEventCodecs implements EventCodecSource {
    @Override
    public List<EventCodec<?>> codecs() {
        return List.of(new Events(), new Snapshots());
    }

    private static final class Events implements EventCodec<VmEvent> {
        @Override
        public String type() {
            return "vm";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Class<VmEvent> eventClass() {
            return VmEvent.class;
        }

        @Override
        public byte[] encode(VmEvent event) {
            return VmEventCodec.encode(event).toByteArray();
        }

        @Override
        public VmEvent decode(byte[] payload) {
            try {
                return VmEventCodec.decode(dev.neurath.proto.v1.VmEvent.parseFrom(payload));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("a VM's event is no protobuf: " + e.getMessage(), e);
            }
        }
    }

    private static final class Snapshots implements EventCodec<VmState> {
        @Override
        public String type() {
            return "vm-state";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Class<VmState> eventClass() {
            return VmState.class;
        }

        @Override
        public byte[] encode(VmState vm) {
            return VmStateCodec.encode(vm).toByteArray();
        }

        @Override
        public VmState decode(byte[] payload) {
            try {
                return VmStateCodec.decode(VmSnapshot.parseFrom(payload));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("a VM's snapshot is no protobuf: " + e.getMessage(), e);
            }
        }
    }
}
