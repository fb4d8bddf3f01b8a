package dev.neurath.intent;

import dev.neurath.model.budget.Budget;
import dev.neurath.model.rollout.Limits;
import dev.neurath.model.rollout.MethodChoice;
import dev.neurath.model.rollout.OnLimit;
import dev.neurath.model.rollout.RehearsalPolicy;
import dev.neurath.model.rollout.RolloutSpec;
import dev.neurath.model.rollout.Selector;
import dev.neurath.model.rollout.Share;
import dev.neurath.model.rollout.WaveSpec;
import dev.neurath.model.rollout.Window;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A rollout file; {@link FileForms#ROLLOUT} shows every field.
 *
 * Only apiVersion, kind, metadata.name and release.qemu must be there.
 */
final class RolloutFile {
    private static final Map<String, MethodChoice> METHODS = Map.of(
            "hand-over", MethodChoice.HAND_OVER,
            "cpr-transfer", MethodChoice.CPR_TRANSFER,
            "shared-ram", MethodChoice.SHARED_RAM,
            "migrate", MethodChoice.MIGRATE);
    private static final Map<String, OnLimit> ON_LIMIT =
            Map.of("pause", OnLimit.PAUSE, "abort", OnLimit.ABORT, "revert", OnLimit.REVERT);
    private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3})(?:\\.([0-9]{1,2}))?%");

    /** More VMs at once than one fleet has. */
    private static final int MOST = 1_000_000;

    private final Fields fields;
    private String name = "";
    private SortedMap<String, String> labels = new TreeMap<>();
    private RolloutSpec.@Nullable WantedRelease release;
    private Selector hosts = Selector.ALL;
    private Selector vms = Selector.ALL;
    private RolloutSpec.MethodPolicy method = RolloutSpec.MethodPolicy.DEFAULT;

    private RolloutFile(Fields fields) {
        this.fields = fields;
    }

    /** @return null only if an error was reported */
    static @Nullable RolloutSpec read(Fields fields) {
        return new RolloutFile(fields).read();
    }

    private @Nullable RolloutSpec read() {
        require("metadata");
        fields.mapping("metadata", metadata -> {
            name = metadata.requiredText("name");
            labels = metadata.labels("labels");
        });
        require("release");
        fields.mapping("release", inner -> {
            String qemu = inner.requiredText("qemu");
            release = new RolloutSpec.WantedRelease(qemu, inner.at("qemu"));
        });
        fields.mapping("select", select -> {
            hosts = select.value("hosts", text -> Selector.parse(text, select.at("hosts")), Selector.ALL);
            vms = select.value("vms", text -> Selector.parse(text, select.at("vms")), Selector.ALL);
        });
        fields.mapping("method", this::method);
        List<WaveSpec> waves = waves();
        Limits limits = limits();
        List<Window> windows = windows();
        return release == null
                ? null
                : new RolloutSpec(name, labels, release, hosts, vms, method, waves, limits, windows);
    }

    private void require(String field) {
        if (!fields.has(field)) {
            fields.wrong(field, "is missing");
        }
    }

    private void method(Fields inner) {
        List<MethodChoice> prefer = inner.list("prefer", text -> {
            MethodChoice choice = METHODS.get(text);
            if (choice == null) {
                throw new IllegalArgumentException("is '%s' and must be one of %s"
                        .formatted(text, String.join(", ", new TreeMap<>(METHODS).keySet())));
            }
            return choice;
        });
        boolean refuse = inner.word("otherwise", Map.of("skip", false, "refuse", true), false);
        boolean wayBack = inner.word("wayBack", Map.of("required", true, "optional", false), true);
        RehearsalPolicy rehearsal = inner.word(
                "rehearsal",
                Map.of(
                        "off", RehearsalPolicy.OFF,
                        "when-clone-refused", RehearsalPolicy.WHEN_CLONE_REFUSED,
                        "always", RehearsalPolicy.ALWAYS),
                RolloutSpec.MethodPolicy.DEFAULT.rehearsal());
        int hops = inner.number("hops", RolloutSpec.MethodPolicy.DEFAULT.hops(), 1, RolloutSpec.MethodPolicy.MOST_HOPS);
        method = new RolloutSpec.MethodPolicy(
                prefer.isEmpty() ? RolloutSpec.MethodPolicy.DEFAULT.prefer() : prefer,
                refuse,
                wayBack,
                rehearsal,
                hops);
    }

    private List<WaveSpec> waves() {
        if (!fields.has("waves")) {
            return List.of(WaveSpec.EVERYTHING);
        }
        var waves = new ArrayList<WaveSpec>();
        var names = new Fields.Unique();
        fields.mappings("waves", wave -> {
            String waveName = wave.text("name", "");
            names.check(wave, "name", waveName);
            waves.add(new WaveSpec(
                    waveName,
                    wave.value("hosts", RolloutFile::share, new Share.Rest()),
                    wave.number("vms", 0, 1, MOST),
                    wave.number("size", 0, 1, MOST),
                    wave.duration("bake", Duration.ZERO),
                    wave.word("promote", Map.of("auto", false, "manual", true), false),
                    wave.at("hosts")));
        });
        if (waves.isEmpty()) {
            fields.wrong("waves", "holds no wave");
        }
        return waves;
    }

    private static Share share(String text) {
        if (text.equals("rest")) {
            return new Share.Rest();
        }
        Matcher percent = PERCENT.matcher(text);
        if (percent.matches()) {
            String fraction = percent.group(2) == null ? "" : percent.group(2);
            int hundredths =
                    Integer.parseInt(percent.group(1)) * 100 + Integer.parseInt((fraction + "00").substring(0, 2));
            if (hundredths < 1 || hundredths > 10_000) {
                throw new IllegalArgumentException("is %s and must be more than 0%% and at most 100%%".formatted(text));
            }
            return new Share.Percent(hundredths);
        }
        if (text.matches("[0-9]{1,7}")) {
            int count = Integer.parseInt(text);
            if (count == 0) {
                throw new IllegalArgumentException("is 0: a wave of no host would do nothing");
            }
            return new Share.Count(count);
        }
        throw new IllegalArgumentException("is '%s' and must be a number, a percentage or rest".formatted(text));
    }

    private Limits limits() {
        OnLimit onLimit = fields.word("onLimit", ON_LIMIT, Limits.DEFAULT.onLimit());
        var read = new ArrayList<Limits>();
        fields.mapping("limits", inner -> {
            Budget usual = Limits.DEFAULT.budget();
            var budget = new Budget(
                    budget(inner, "vmsInFlight", usual.vmsInFlight()),
                    budget(inner, "hostsBusy", usual.hostsBusy()),
                    budget(inner, "perHost", usual.perHost()),
                    budget(inner, "perRack", usual.perRack()),
                    budget(inner, "perZone", usual.perZone()));
            Duration pause = inner.has("pause") ? inner.duration("pause", Duration.ofMillis(1)) : null;
            if (pause != null && pause.isZero()) {
                inner.wrong("pause", "is 0: no hand-over is that short");
            }
            read.add(new Limits(
                    budget,
                    pause,
                    count(inner, "failures", Limits.DEFAULT.failures()),
                    count(inner, "quarantined", Limits.DEFAULT.quarantined()),
                    count(inner, "overPause", Limits.DEFAULT.overPause()),
                    onLimit));
        });
        Limits usual = Limits.DEFAULT;
        return read.isEmpty()
                ? new Limits(
                        usual.budget(),
                        usual.pause(),
                        usual.failures(),
                        usual.quarantined(),
                        usual.overPause(),
                        onLimit)
                : read.getFirst();
    }

    /** 0 would let nothing start for ever: who wants no limit leaves the field out. */
    private static int budget(Fields limits, String field, int usual) {
        return limits.number(field, usual, 1, MOST);
    }

    /** Reached at the first one, at the N-th one, or never. */
    private static int count(Fields limits, String field, int usual) {
        if (!limits.has(field)) {
            return usual;
        }
        return limits.value(
                field,
                text -> {
                    if (text.equals("never")) {
                        return -1;
                    }
                    if (!text.matches("[0-9]{1,7}")) {
                        throw new IllegalArgumentException(
                                "is '%s' and must be a whole number, or never".formatted(text));
                    }
                    return Integer.valueOf(text);
                },
                usual);
    }

    private List<Window> windows() {
        var windows = new ArrayList<Window>();
        fields.mappings("windows", window -> {
            SortedSet<DayOfWeek> days =
                    window.value("days", RolloutFile::days, new TreeSet<>(List.of(DayOfWeek.values())));
            LocalTime from = window.requiredValue("from", RolloutFile::time);
            LocalTime to = window.requiredValue("to", RolloutFile::time);
            ZoneId zone = window.value("zone", RolloutFile::zone, ZoneOffset.UTC);
            if (from != null && to != null) {
                windows.add(new Window(days, from, to, zone));
            }
        });
        return windows;
    }

    /** {@code mon-fri}, {@code sat,sun}, {@code fri-mon}. */
    private static SortedSet<DayOfWeek> days(String text) {
        var days = new TreeSet<DayOfWeek>();
        for (String part : text.split(",", -1)) {
            String[] ends = part.strip().split("-", -1);
            int first = DAYS.indexOf(ends[0]);
            int last = DAYS.indexOf(ends[ends.length - 1]);
            if (first < 0 || last < 0 || ends.length > 2) {
                throw new IllegalArgumentException("is '%s' and must be days like mon-fri or sat,sun".formatted(text));
            }
            for (int day = first; ; day = (day + 1) % DAYS.size()) {
                days.add(DayOfWeek.of(day + 1));
                if (day == last) {
                    break;
                }
            }
        }
        return days;
    }

    private static LocalTime time(String text) {
        try {
            return LocalTime.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "is '%s' and must be a time like \"09:00\", in quotes".formatted(text), e);
        }
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "is '%s' and must be a time zone like Europe/Amsterdam or UTC".formatted(text), e);
        }
    }
}
