package dev.neurath.model.proof;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void what_things_are_called_and_where_they_are_does_not_count_and_all_else_does() {
        assertThat(Shape.nameless("file,id=beat,append=on,path=/a/b")).isEqualTo("file,append=on");
        assertThat(Shape.nameless("virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01,mq=on"))
                .isEqualTo("virtio-net-pci,mq=on");
        assertThat(Shape.nameless("virtio-net-pci,rx_queue_size=1024")).isEqualTo("virtio-net-pci,rx_queue_size=1024");
        assertThat(Shape.nameless("{\"driver\":\"file\",\"filename\":\"/a\"}")).isEqualTo("[file]");
    }
}
