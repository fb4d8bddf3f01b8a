package dev.neurath.coordinator.rollout;

import dev.neurath.persistence.kryo.KryoIds;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.pekko.actor.typed.ActorRef;

/** What can stand in a message but has no number: it would be refused when it is sent, by one node in one moment. */
final class KryoReach {
    private static final Set<Class<?>> WRITTEN_BY_KRYO =
            Set.of(String.class, Integer.class, Long.class, Boolean.class, Double.class, Short.class, Byte.class);

    private final Set<Class<?>> numbered;
    private final Set<Class<?>> stays;
    private final Set<Type> seen = new HashSet<>();
    private final Set<String> found = new TreeSet<>();

    private KryoReach(Collection<Class<?>> numbered, Set<Class<?>> stays) {
        this.numbered = Set.copyOf(numbered);
        this.stays = stays;
    }

    /** @param stays what never leaves its node, though what has a number is of the same kind */
    static Set<String> unnumbered(KryoIds ids, Set<Class<?>> stays) {
        var reach = new KryoReach(ids.classes().values(), stays);
        ids.classes().forEach((number, type) -> {
            if (type.isRecord() && ids.writer(number).isEmpty()) {
                for (RecordComponent component : type.getRecordComponents()) {
                    reach.follow(component.getGenericType(), type.getName() + "." + component.getName());
                }
            }
            // Who sends the one sends the other: a command's record and its sisters.
            for (Class<?> kind : type.getInterfaces()) {
                if (kind.isSealed()) {
                    reach.follow(kind, type.getName());
                }
            }
        });
        return reach.found;
    }

    private void follow(Type type, String from) {
        if (!seen.add(type)) {
            return;
        }
        switch (type) {
            case Class<?> plain -> followClass(plain, from);
            case ParameterizedType generic -> {
                Class<?> raw = (Class<?>) generic.getRawType();
                followClass(raw, from);
                if (raw != ActorRef.class) {
                    List.of(generic.getActualTypeArguments()).forEach(argument -> follow(argument, from));
                }
            }
            case WildcardType any -> List.of(any.getUpperBounds()).forEach(bound -> follow(bound, from));
            // What it stands for has a number of its own, and its sisters are followed from there.
            case TypeVariable<?> variable -> {}
            case GenericArrayType array -> found.add(array + " in " + from);
            default -> found.add(type + " in " + from);
        }
    }

    private void followClass(Class<?> type, String from) {
        if (type.isPrimitive() || WRITTEN_BY_KRYO.contains(type) || numbered.contains(type) || stays.contains(type)) {
            return;
        }
        if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                follow(permitted, from);
            }
        } else {
            found.add(type.getName() + " in " + from);
        }
    }
}
