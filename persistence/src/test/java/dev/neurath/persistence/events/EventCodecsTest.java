package dev.neurath.persistence.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.persistence.testing.Counter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventCodecsTest {
    private final EventCodecs codecs = new EventCodecs(new Counter.Codecs().codecs());

    @Test
    void an_event_is_written_in_the_present_version_and_read_back() {
        Counter.Added event = new Counter.Added(5);
        assertThat(codecs.manifest(event)).isEqualTo("counter/2");
        assertThat(codecs.decode("counter/2", codecs.encode(event))).isEqualTo(event);
    }

    @Test
    void an_event_of_an_older_version_is_led_up_to_the_present_one() {
        assertThat(codecs.decode("counter/1", "2".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(new Counter.Added(24));
    }

    @Test
    void what_this_build_does_not_know_is_refused_and_never_guessed() {
        byte[] payload = "2".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> codecs.decode("counter/3", payload)).hasMessageContaining("newer than this build");
        assertThatThrownBy(() -> codecs.decode("gauge/1", payload)).hasMessageContaining("knows no events");
        for (String bad : List.of("", "counter", "counter/0", "counter/x", "Counter/1", "counter/1/2")) {
            assertThatThrownBy(() -> codecs.decode(bad, payload)).hasMessageContaining("not an event manifest");
        }
        assertThatThrownBy(() -> codecs.encode("text")).hasMessageContaining("0 event codecs fit");
    }

    @Test
    void a_payload_that_says_what_this_build_does_not_know_is_refused_with_the_reason() {
        byte[] payload = "two".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> codecs.decode("counter/2", payload))
                .isInstanceOf(UnreadableEvent.class)
                .hasMessageContaining("counter/2 cannot be read")
                .hasMessageContaining("two");
        assertThatThrownBy(() -> codecs.decode("counter/3", payload)).isInstanceOf(UnreadableEvent.class);
        assertThatThrownBy(() -> codecs.decode("gauge/1", payload)).isInstanceOf(UnreadableEvent.class);
    }

    @Test
    void a_type_has_one_codec() {
        assertThatThrownBy(() -> new EventCodecs(List.of(new Counter.Codec(), new Counter.Codec())))
                .hasMessageContaining("Two event codecs");
    }
}
