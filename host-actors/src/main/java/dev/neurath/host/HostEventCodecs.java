package dev.neurath.host;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.codec.HostCodec;
import dev.neurath.codec.HostStateCodec;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostState;
import dev.neurath.persistence.events.EventCodec;
import dev.neurath.persistence.events.EventCodecSource;
import dev.neurath.proto.v1.HostSnapshot;
import java.util.List;

/** How a host's events and snapshots stand in the journal: protobuf, version 1. */
public final class HostEventCodecs implements EventCodecSource {
    @Override
    public List<EventCodec<?>> codecs() {
        return List.of(new Events(), new Snapshots());
    }

    private static final class Events implements EventCodec<HostEvent> {
        @Override
        public String type() {
            return "host";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Class<HostEvent> eventClass() {
            return HostEvent.class;
        }

        @Override
        public byte[] encode(HostEvent event) {
            return HostCodec.encode(event).toByteArray();
        }

        @Override
        public HostEvent decode(byte[] payload) {
            try {
                return HostCodec.decode(dev.neurath.proto.v1.HostEvent.parseFrom(payload));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("a host's event is no protobuf: " + e.getMessage(), e);
            }
        }
    }

    private static final class Snapshots implements EventCodec<HostState> {
        @Override
        public String type() {
            return "host-state";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Class<HostState> eventClass() {
            return HostState.class;
        }

        @Override
        public byte[] encode(HostState host) {
            return HostStateCodec.encode(host).toByteArray();
        }

        @Override
        public HostState decode(byte[] payload) {
            try {
                return HostStateCodec.decode(HostSnapshot.parseFrom(payload));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("a host's snapshot is no protobuf: " + e.getMessage(), e);
            }
        }
    }
}
