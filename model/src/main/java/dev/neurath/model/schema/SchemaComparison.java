package dev.neurath.model.schema;

import dev.neurath.model.schema.StateLayout.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what one binary writes of a machine's devices with what another reads, in this direction only. The rules are those of QEMU's migration/vmstate.c:
 *
 * <pre>
 *   section      read if minimumVersion &lt;= version written &lt;= own version
 *   field        read if its version is at most the version written; names are not in the stream, order and size are
 *   structure    has no version in the stream: each side takes its own
 *   conditional  field or subsection: both sides decide by a function that no dump shows
 * </pre>
 *
 * <p>A difference that only a condition could bring about is no refusal: nobody knows here whether the condition ever holds. It knows nothing of state outside
 * of devices, of lengths of arrays, or of values that the reader rejects; those are for a real transfer to show.
 */
public final class SchemaComparison {
    /** Enough to say what is wrong; a class that was rewritten differs in dozens of places. */
    private static final int MOST = 8;

    private final String device;
    private final List<Difference> found;

    private SchemaComparison(String device, List<Difference> found) {
        this.device = device;
        this.found = found;
    }

    /**
     * @param devices classes that the machine has; those of which {@code from} writes nothing are passed over
     * @return the certain ones first; empty = everything that is written will be read as it was meant
     */
    public static List<Difference> of(DeviceStateSchema from, DeviceStateSchema to, Set<String> devices) {
        var all = new ArrayList<Difference>();
        for (Map.Entry<String, StateLayout> written : from.devices().entrySet()) {
            if (!devices.contains(written.getKey())) {
                continue;
            }
            var comparison = new SchemaComparison(written.getKey(), new ArrayList<>());
            comparison.section(written.getValue(), to.devices().get(written.getKey()));
            all.addAll(comparison.found);
        }
        var sorted = new ArrayList<>(all.stream().filter(Difference::certain).toList());
        sorted.addAll(all.stream().filter(difference -> !difference.certain()).toList());
        return sorted.stream().limit(MOST).toList();
    }

    private void section(StateLayout written, @Nullable StateLayout read) {
        if (read == null) {
            add("", "the receiving release does not know this device's state", true);
            return;
        }
        if (!written.name().equals(read.name())) {
            add("", "section '%s' is called '%s' there".formatted(written.name(), read.name()), true);
            return;
        }
        if (!versionFits(written, read)) {
            add("", version(written, read), true);
            return;
        }
        layout("", written, read, written.version(), true);
    }

    /** @param version that the reader takes the fields for */
    private void layout(String place, StateLayout written, StateLayout read, int version, boolean certain) {
        List<Field> sent = written.fields().stream()
                .filter(field -> field.version() <= written.version())
                .toList();
        List<Field> expected = read.fields().stream()
                .filter(field -> field.version() <= version)
                .toList();
        fields(place, sent, expected, certain);
        subsections(place, written, read);
    }

    /** Pairs them in order; a conditional one that has no partner may be in the stream or not. */
    private void fields(String place, List<Field> sent, List<Field> expected, boolean certain) {
        int s = 0;
        int e = 0;
        while (s < sent.size() || e < expected.size()) {
            Field out = s < sent.size() ? sent.get(s) : null;
            Field in = e < expected.size() ? expected.get(e) : null;
            if (out != null && in != null && alike(out, in)) {
                pair(place, out, in, certain);
                s++;
                e++;
            } else if (out != null && out.conditional() && !partnerFollows(out, expected, e)) {
                add(at(place, out.name()), "is written under a condition and not read", false);
                s++;
            } else if (in != null && in.conditional()) {
                add(at(place, in.name()), "is read under a condition and not written", false);
                e++;
            } else {
                Field first = out == null ? expected.get(e) : out;
                add(at(place, first.name()), unlike(out, in), certain);
                return;
            }
        }
    }

    /** Same place and size, whatever it is called: a renamed field, or one that became padding, is read as it was written. */
    private static boolean alike(Field out, Field in) {
        if (out.structure() != null && in.structure() != null) {
            return out.name().equals(in.name())
                    || out.structure().name().equals(in.structure().name());
        }
        return out.structure() == null
                && in.structure() == null
                && out.bytes() == in.bytes()
                && (out.name().equals(in.name()) || out.conditional() == in.conditional());
    }

    private static boolean partnerFollows(Field out, List<Field> expected, int from) {
        return expected.subList(from, expected.size()).stream()
                .anyMatch(in -> in.name().equals(out.name()) && alike(out, in));
    }

    private void pair(String place, Field out, Field in, boolean certain) {
        StateLayout written = out.structure();
        StateLayout read = in.structure();
        boolean sure = certain && !out.conditional() && !in.conditional();
        if (out.conditional() != in.conditional()) {
            add(
                    at(place, in.name()),
                    out.conditional()
                            ? "is written under a condition and always read"
                            : "is always written and read under a condition",
                    false);
        }
        if (written == null || read == null) {
            return;
        }
        boolean newer = written.version() > read.version() && !sizes(written).equals(sizes(read));
        if (newer) {
            // What was added since is written whatever stands in the condition, and without a version in the stream
            // nobody can pass over it.
            add(
                    at(place, in.name()),
                    "structure '%s' is written in version %d and read in version %d, which has other fields"
                            .formatted(read.name(), written.version(), read.version()),
                    sure);
            return;
        }
        layout(at(place, in.name()), written, read, read.version(), sure);
    }

    private static List<Long> sizes(StateLayout layout) {
        return layout.fields().stream()
                .map(field -> field.structure() == null ? field.bytes() : -1L)
                .toList();
    }

    private void subsections(String place, StateLayout written, StateLayout read) {
        var known = new HashMap<String, StateLayout>();
        read.subsections().forEach(subsection -> known.put(subsection.name(), subsection));
        for (StateLayout subsection : written.subsections()) {
            StateLayout partner = known.get(subsection.name());
            String here = at(place, "subsection " + subsection.name());
            if (partner == null) {
                add(here, "is written when needed and not known there", false);
            } else if (!versionFits(subsection, partner)) {
                add(here, version(subsection, partner), false);
            } else {
                layout(here, subsection, partner, subsection.version(), false);
            }
        }
    }

    private static boolean versionFits(StateLayout written, StateLayout read) {
        return read.minimumVersion() <= written.version() && written.version() <= read.version();
    }

    private static String version(StateLayout written, StateLayout read) {
        return "version %d is written and %d to %d can be read"
                .formatted(written.version(), read.minimumVersion(), read.version());
    }

    private static String unlike(@Nullable Field out, @Nullable Field in) {
        if (in == null) {
            return "is written and not read";
        }
        if (out == null) {
            return "is read and not written";
        }
        return out.structure() == null && in.structure() == null
                ? "%d bytes are written and %d are read as '%s'".formatted(out.bytes(), in.bytes(), in.name())
                : "is read as '%s', which is built otherwise".formatted(in.name());
    }

    private static String at(String place, String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    private void add(String place, String what, boolean certain) {
        found.add(new Difference(device, place, what, certain));
    }
}
