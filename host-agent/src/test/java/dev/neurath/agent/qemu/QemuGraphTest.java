package dev.neurath.agent.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.qemu.QemuFacts.PciDevice;
import dev.neurath.agent.qemu.QemuFacts.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Two QEMUs that were asked for the same machine have built the same one, whatever a guest has made of it since. */
class QemuGraphTest {
    private static final PciDevice PORT = new PciDevice(0, 1, 0, "port", 0x1b36, 0xc, 0x604);
    private static final Place PORT_PLACE = new Place("/machine/peripheral/port", "pcie.0", "8");
    private static final Place NIC_PLACE = new Place("/machine/peripheral/nic", "port/port", "0");

    private static QemuFacts machine(Place... places) {
        return machine(List.of(PORT), places);
    }

    private static QemuFacts machine(PciDevice other, Place... places) {
        return machine(List.of(PORT, other), places);
    }

    private static QemuFacts machine(List<PciDevice> pci, Place... places) {
        return new QemuFacts(
                "10.0.2",
                "",
                "running",
                "pc-q35-10.0",
                1,
                List.of(),
                List.of(),
                Map.of(),
                List.of(),
                pci,
                Set.of("port=child<pcie-root-port>", "nic=child<virtio-net-pci>"),
                List.of(places),
                List.of());
    }

    private static Optional<String> changed(String recorded, QemuFacts now) {
        return QemuGraph.changed(QemuGraph.withoutPlaces(recorded), QemuGraph.placesIn(recorded), now);
    }

    @Test
    void a_device_in_another_place_is_another_machine() {
        String recorded = QemuGraph.canonical(machine(PORT_PLACE, NIC_PLACE));
        assertThat(changed(recorded, machine(PORT_PLACE, NIC_PLACE))).isEmpty();
        assertThat(changed(recorded, machine(PORT_PLACE, new Place(NIC_PLACE.device(), "pcie.0", "16"))))
                .hasValueSatisfying(words -> assertThat(words)
                        .startsWith("missing place /machine/peripheral/nic on port/port at 0")
                        .endsWith("found place /machine/peripheral/nic on pcie.0 at 16"));
    }

    @Test
    void a_record_without_places_is_compared_without_them_and_without_the_guests_bus_numbers() {
        String recorded = QemuGraph.withoutPlaces(QemuGraph.canonical(machine()))
                + "\npci PciDevice[bus=1, slot=0, function=0, id=nic, vendor=6900, device=4161, deviceClass=512]";
        assertThat(changed(recorded, machine(PORT_PLACE, NIC_PLACE))).isEmpty();
        assertThat(changed(recorded.replace("vcpus 1", "vcpus 2"), machine(PORT_PLACE, NIC_PLACE)))
                .hasValueSatisfying(words -> assertThat(words).isEqualTo("missing vcpus 2; found vcpus 1"));
    }

    /** That of a pxb, whose number is its own and no guest's. */
    @Test
    void a_second_root_bus_is_there_in_both() {
        QemuFacts machine = machine(new PciDevice(128, 0, 0, "far", 0x1b36, 0xb, 0x600), PORT_PLACE);
        String recorded = QemuGraph.canonical(machine);
        assertThat(changed(recorded, machine)).isEmpty();
        assertThat(QemuGraph.changed(QemuGraph.withoutPlaces(recorded), "", machine))
                .isEmpty();
    }
}
