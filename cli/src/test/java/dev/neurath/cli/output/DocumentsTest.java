package dev.neurath.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.HostEvent;
import dev.neurath.proto.v1.HostFacts;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private static final HostFacts FACTS =
            HostFacts.newBuilder().setCpus(2).putLabels("rack", "r1").build();

    @Test
    void a_map_reads_the_same_in_an_answer_and_within_an_event() {
        assertThat(Documents.fields(FACTS).at("/labels/rack").asText()).isEqualTo("r1");
        var connected = HostEvent.newBuilder()
                .setConnected(HostEvent.Connected.newBuilder().setFacts(FACTS))
                .build();
        var event = Event.newBuilder().setData(Any.pack(connected)).build();
        assertThat(Documents.of("Event", event)
                        .at("/data/connected/facts/labels/rack")
                        .asText())
                .isEqualTo("r1");
    }

    @Test
    void data_that_this_version_does_not_know_stays_as_bytes() {
        var event = Event.newBuilder()
                .setData(Any.newBuilder()
                        .setTypeUrl("type.googleapis.com/neurath.v9.Later")
                        .setValue(ByteString.copyFromUtf8("x")))
                .build();
        assertThat(Documents.of("Event", event).at("/data/value").asText()).isEqualTo("eA==");
    }
}
