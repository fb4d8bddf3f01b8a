package dev.neurath.persistence.events;

import java.util.List;

/** The codecs that one module brings; named in {@code neurath.serialization.event-codecs}. Public, no constructor parameters. */
public interface EventCodecSource {
    List<EventCodec<?>> codecs();
}
