package dev.neurath.model.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.schema.StateLayout.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SchemaComparisonTest {
    private static final Field A = plain("a", 0, 4);
    private static final Field B = plain("b", 0, 8);

    @Test
    void the_same_layout_is_read_as_it_was_written() {
        assertThat(compare(layout(2, 1, A, B), layout(2, 1, A, B))).isEmpty();
    }

    @Test
    void only_devices_that_the_machine_has_count() {
        assertThat(SchemaComparison.of(schema("x", layout(1, 1, A)), schema("y", layout(1, 1, A)), Set.of("y")))
                .isEmpty();
    }

    @Test
    void a_class_that_is_gone_is_named() {
        assertThat(SchemaComparison.of(schema("x", layout(1, 1, A)), schema("y", layout(1, 1, A)), Set.of("x")))
                .singleElement()
                .satisfies(difference -> {
                    assertThat(difference.certain()).isTrue();
                    assertThat(difference.device()).isEqualTo("x");
                });
    }

    @Test
    void a_version_is_read_from_the_minimum_to_the_own_one_and_so_the_direction_matters() {
        assertThat(certain(compare(layout(2, 2, A), layout(3, 2, A)))).isEmpty();
        assertThat(certain(compare(layout(3, 2, A), layout(2, 2, A)))).hasSize(1);
        assertThat(certain(compare(layout(1, 1, A), layout(3, 2, A)))).hasSize(1);
    }

    @Test
    void a_field_added_with_a_version_is_not_expected_of_an_older_stream() {
        assertThat(compare(layout(1, 1, A), layout(2, 1, A, plain("new", 2, 4))))
                .isEmpty();
        assertThat(certain(compare(layout(2, 1, A), layout(2, 1, A, plain("new", 2, 4)))))
                .hasSize(1);
    }

    @Test
    void names_are_not_in_the_stream_and_sizes_and_order_are() {
        assertThat(compare(layout(1, 1, A), layout(1, 1, plain("unused", 0, 4))))
                .isEmpty();
        assertThat(certain(compare(layout(1, 1, A), layout(1, 1, plain("a", 0, 8)))))
                .singleElement()
                .asString()
                .contains("4 bytes are written and 8 are read");
        assertThat(certain(compare(layout(1, 1, A, B), layout(1, 1, B, A)))).hasSize(1);
    }

    @Test
    void a_conditional_field_without_a_partner_is_no_certain_difference() {
        Field maybe = new Field("maybe", 0, true, 4, null);
        for (List<Difference> found : List.of(
                compare(layout(1, 1, A, maybe), layout(1, 1, A)), compare(layout(1, 1, A), layout(1, 1, maybe, A)))) {
            assertThat(found)
                    .singleElement()
                    .satisfies(difference -> assertThat(difference.certain()).isFalse());
        }
    }

    @Test
    void the_size_of_a_structure_in_memory_says_nothing_and_its_fields_do() {
        StateLayout inner = layout(1, 1, A);
        assertThat(compare(
                        layout(1, 1, new Field("s", 0, false, 100, inner)),
                        layout(1, 1, new Field("s", 0, false, 200, inner))))
                .isEmpty();
        assertThat(certain(compare(
                        layout(1, 1, new Field("s", 0, false, 100, inner)),
                        layout(1, 1, new Field("s", 0, false, 100, layout(1, 1, B))))))
                .singleElement()
                .satisfies(difference -> assertThat(difference.place()).isEqualTo("s.a"));
    }

    @Test
    void a_structure_has_no_version_in_the_stream() {
        Field added = plain("added", 2, 4);
        Field maybe = new Field("maybe", 0, true, 1, null);
        // Read in its own version, whatever was written: what that version added is missing.
        assertThat(certain(compare(struct(layout(1, 1, A)), struct(layout(2, 1, A, added)))))
                .hasSize(1);
        assertThat(certain(compare(struct(layout(1, 1, A)), struct(layout(2, 1, A, maybe)))))
                .isEmpty();
        assertThat(certain(compare(struct(layout(2, 1, A, maybe)), struct(layout(1, 1, A)))))
                .hasSize(1);
    }

    @Test
    void a_subsection_is_written_only_when_needed() {
        StateLayout with =
                new StateLayout("s", 1, 1, List.of(A), List.of(new StateLayout("s/x", 1, 1, List.of(B), List.of())));
        assertThat(compare(with, layout(1, 1, A)))
                .singleElement()
                .satisfies(difference -> assertThat(difference.certain()).isFalse());
        assertThat(compare(layout(1, 1, A), with)).isEmpty();
    }

    private static StateLayout struct(StateLayout inner) {
        return layout(1, 1, new Field("inner", 0, false, 10, inner));
    }

    private static List<Difference> compare(StateLayout from, StateLayout to) {
        return SchemaComparison.of(schema("d", from), schema("d", to), Set.of("d"));
    }

    private static List<Difference> certain(List<Difference> all) {
        return all.stream().filter(Difference::certain).toList();
    }

    private static DeviceStateSchema schema(String device, StateLayout layout) {
        return new DeviceStateSchema(new TreeMap<>(Map.of(device, layout)));
    }

    private static StateLayout layout(int version, int minimum, Field... fields) {
        return new StateLayout("s", version, minimum, List.of(fields), List.of());
    }

    private static Field plain(String name, int version, long bytes) {
        return field(name, version, bytes, null);
    }

    private static Field field(String name, int version, long bytes, @Nullable StateLayout structure) {
        return new Field(name, version, false, bytes, structure);
    }
}
