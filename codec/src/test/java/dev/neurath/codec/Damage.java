package dev.neurath.codec;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/** Every message that differs from a good one by one missing sub-message or one enum value that nobody knows. */
final class Damage {
    /** A number that no enum of ours will have. */
    private static final int UNHEARD_OF = 9_999;

    /** @param field the proto name of what was damaged */
    record Damaged(String field, Message message) {}

    private Damage() {}

    static List<Damaged> each(Message good) {
        var out = new ArrayList<Damaged>();
        good.getAllFields().forEach((field, value) -> {
            if (field.isRepeated()) {
                return;
            }
            if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
                out.add(with(good, field, unheardOf(field)));
                out.add(with(good, field, field.getEnumType().findValueByNumber(0)));
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                out.add(new Damaged(
                        oneofOrSelf(field), good.toBuilder().clearField(field).build()));
                for (Damaged inner : each((Message) value)) {
                    out.add(new Damaged(
                            inner.field(), with(good, field, inner.message()).message()));
                }
            }
        });
        return out;
    }

    private static Damaged with(Message good, FieldDescriptor field, Object value) {
        return new Damaged(
                field.getName(), good.toBuilder().setField(field, value).build());
    }

    private static EnumValueDescriptor unheardOf(FieldDescriptor field) {
        return field.getEnumType().findValueByNumberCreatingIfUnknown(UNHEARD_OF);
    }

    private static String oneofOrSelf(FieldDescriptor field) {
        var oneof = field.getRealContainingOneof();
        return oneof == null ? field.getName() : oneof.getName();
    }
}
