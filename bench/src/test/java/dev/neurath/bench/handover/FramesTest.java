package dev.neurath.bench.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final String GUEST = "5254006e6501";
    private static final String NOBODY = "0200006e6502";
    private static final String GUEST_ADDRESS = "0a00020f";
    private static final String NOBODYS_ADDRESS = "0a000202";
    private static final String IP = "0800" + "4500001c" + "00000000" + "4001" + "62d1";

    @Test
    void an_echo_request_is_whole() {
        assertThat(HexFormat.of().formatHex(Frames.echoRequest(0x1234)))
                .isEqualTo(GUEST + NOBODY + IP + NOBODYS_ADDRESS + GUEST_ADDRESS + "0800" + "e5cb" + "00001234");
    }

    @Test
    void only_the_guests_answer_to_an_echo_is_one() {
        byte[] answer = HexFormat.of()
                .parseHex(NOBODY + GUEST + IP + GUEST_ADDRESS + NOBODYS_ADDRESS + "0000" + "edcb" + "00001234");

        assertThat(Frames.answered(answer)).hasValue(0x1234);
        assertThat(Frames.answered(Frames.echoRequest(0x1234))).isEmpty();
        assertThat(Frames.answered(new byte[10])).isEmpty();
    }

    @Test
    void a_guest_that_asks_where_nobody_is_is_told() {
        byte[] question = HexFormat.of()
                .parseHex("ffffffffffff" + GUEST + "0806" + "0001080006040001" + GUEST + GUEST_ADDRESS + "000000000000"
                        + NOBODYS_ADDRESS);

        assertThat(Frames.introduction(question))
                .hasValueSatisfying(answer -> assertThat(HexFormat.of().formatHex(answer))
                        .isEqualTo(GUEST + NOBODY + "0806" + "0001080006040002" + NOBODY + NOBODYS_ADDRESS + GUEST
                                + GUEST_ADDRESS));
        assertThat(Frames.introduction(Frames.echoRequest(1))).isEmpty();
    }
}
