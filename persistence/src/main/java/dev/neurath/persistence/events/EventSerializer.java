package dev.neurath.persistence.events;

import com.typesafe.config.Config;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Pekko's door to {@link EventCodecs}; serializer name {@code neurath-event}, to which each event type is bound by config. */
public final class EventSerializer extends SerializerWithStringManifest {
    private final int identifier;
    private final EventCodecs codecs;

    public EventSerializer(ExtendedActorSystem system) {
        Config config = system.settings().config().getConfig("neurath.serialization");
        this.identifier = config.getInt("event-identifier");
        this.codecs = EventCodecs.from(config, system.dynamicAccess().classLoader());
    }

    @Override
    public int identifier() {
        return identifier;
    }

    @Override
    public String manifest(Object event) {
        return codecs.manifest(event);
    }

    @Override
    public byte[] toBinary(Object event) {
        return codecs.encode(event);
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        return codecs.decode(manifest, bytes);
    }
}
