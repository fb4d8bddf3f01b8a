package dev.neurath.intent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Refusal;
import dev.neurath.model.budget.Budget;
import dev.neurath.model.rollout.At;
import dev.neurath.model.rollout.MethodChoice;
import dev.neurath.model.rollout.OnLimit;
import dev.neurath.model.rollout.RolloutSpec;
import dev.neurath.model.rollout.Share;
import dev.neurath.model.vm.VmSpec;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntentTest {
    private static final String ROLLOUT = """
            apiVersion: neurath/v1
            kind: Rollout
            metadata: { name: qemu-11, labels: { change: CHG-4711 } }
            release:  { qemu: 11.1.3 }
            select:   { hosts: "rack in (a,b)", vms: "tier != pinned" }
            method:   { prefer: [hand-over, migrate], otherwise: skip, wayBack: required }
            waves:
              - { name: canary, hosts: 1%, bake: 30m, promote: manual }
              - { hosts: 10, bake: 15m }
              - { hosts: rest, size: 100, bake: 10s }
            limits:   { hostsBusy: 20, perRack: 1, pause: 200ms, failures: 5, quarantined: 10, overPause: never }
            windows:  [ { days: mon-fri, from: "09:00", to: "17:00", zone: Europe/Amsterdam } ]
            onLimit:  revert
            """;

    private static final String SMALLEST_ROLLOUT = """
            apiVersion: neurath/v1
            kind: Rollout
            metadata: { name: r }
            release: { qemu: q }
            """;

    private static final String VM = """
            apiVersion: neurath/v1
            kind: VirtualMachine
            id: web-1
            release: qemu-10.0.2
            machine: pc-q35-10.0
            memory: 256M
            """;

    @Test
    void the_forms_that_help_shows_are_read_as_they_stand() {
        assertThat(Intent.rollout(FileForms.ROLLOUT.formatted())).isInstanceOf(Parsed.Read.class);
        assertThat(Intent.vm(FileForms.VM.formatted())).isInstanceOf(Parsed.Read.class);
    }

    @Test
    void one_mistake_is_told_once() {
        assertThat(invalid(Intent.vm(VM.replace("256M", "[x]"))))
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.sentence()).contains("must be a text"));
    }

    @Test
    void the_documented_rollout_file_is_read_whole() {
        RolloutSpec spec = rollout(ROLLOUT);
        assertThat(spec.name()).isEqualTo("qemu-11");
        assertThat(spec.labels()).isEqualTo(Map.of("change", "CHG-4711"));
        assertThat(spec.release()).isEqualTo(new RolloutSpec.WantedRelease("11.1.3", new At(4, 19)));
        assertThat(spec.hosts().matches(Map.of("rack", "a"))).isTrue();
        assertThat(spec.hosts().at()).isEqualTo(new At(5, 20));
        assertThat(spec.vms().matches(Map.of("tier", "pinned"))).isFalse();
        assertThat(spec.method().prefer()).containsExactly(MethodChoice.HAND_OVER, MethodChoice.MIGRATE);
        assertThat(spec.method().wayBackRequired()).isTrue();
        assertThat(spec.waves()).hasSize(3);
        assertThat(spec.waves().get(0).hosts()).isEqualTo(new Share.Percent(100));
        assertThat(spec.waves().get(0).bake()).isEqualTo(Duration.ofMinutes(30));
        assertThat(spec.waves().get(0).manual()).isTrue();
        assertThat(spec.waves().get(1).hosts()).isEqualTo(new Share.Count(10));
        assertThat(spec.waves().get(2).size()).isEqualTo(100);
        assertThat(spec.limits().budget()).isEqualTo(new Budget(100, 20, 2, 1, 0));
        assertThat(spec.limits().pause()).isEqualTo(Duration.ofMillis(200));
        assertThat(spec.limits().failures()).isEqualTo(5);
        assertThat(spec.limits().overPause()).isEqualTo(-1);
        assertThat(spec.limits().onLimit()).isEqualTo(OnLimit.REVERT);
        assertThat(spec.windows().getFirst().days()).hasSize(5).doesNotContain(DayOfWeek.SUNDAY);
        assertThat(spec.windows().getFirst().from()).isEqualTo(LocalTime.of(9, 0));
    }

    @Test
    void the_smallest_rollout_file_takes_every_vm_in_one_wave_and_stops_at_the_first_trouble() {
        RolloutSpec spec = rollout(SMALLEST_ROLLOUT);
        assertThat(spec.waves()).hasSize(1);
        assertThat(spec.hosts().matches(Map.of())).isTrue();
        assertThat(spec.limits().failures()).isEqualTo(1);
        assertThat(spec.limits().onLimit()).isEqualTo(OnLimit.PAUSE);
    }

    @Test
    void the_documented_vm_file_is_read_whole() {
        VmSpec spec = vm(VM + """
                cpu: max
                accel: kvm
                vcpus: 4
                disks: [ { id: root, path: /var/lib/root.qcow2, format: qcow2, readOnly: true } ]
                nics: [ { id: net0, mac: "52:54:00:12:34:56", tap: tap0 } ]
                kernel: /boot/vmlinuz
                initrd: /boot/initrd
                append: "console=ttyS0"
                extraArguments: [ "-serial", "file:/var/log/web-1", -nodefaults ]
                labels: { tier: web, shard: 7 }
                pauseBudget: 500ms
                health: [ { beat: /run/web-1.beat } ]
                """);
        assertThat(spec.id().value()).isEqualTo("web-1");
        assertThat(spec.memoryBytes()).isEqualTo(256L << 20);
        assertThat(spec.disks()).containsExactly(new VmSpec.Disk("root", "/var/lib/root.qcow2", "qcow2", true));
        assertThat(spec.nics()).containsExactly(new VmSpec.Nic("net0", "52:54:00:12:34:56", "tap0"));
        assertThat(spec.boot()).isEqualTo(new VmSpec.Boot("/boot/vmlinuz", "/boot/initrd", "console=ttyS0", null));
        assertThat(spec.extraArguments()).containsExactly("-serial", "file:/var/log/web-1", "-nodefaults");
        assertThat(spec.labels()).isEqualTo(Map.of("tier", "web", "shard", "7"));
        assertThat(spec.pauseBudget()).isEqualTo(Duration.ofMillis(500));
        assertThat(spec.health()).containsExactly(new VmSpec.HealthProbe.Beat("/run/web-1.beat"));
    }

    @ParameterizedTest
    @CsvSource({"256M,268435456", "4G,4294967296", "4GiB,4294967296", "2048K,2097152"})
    void memory_is_counted_in_powers_of_two(String text, long bytes) {
        assertThat(vm(VM.replace("256M", text)).memoryBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "onLimit:  revert|onLimt: revert|onLimt|13|1|is no field",
                "perRack: 1|perRck: 1|limits.perRck|11|28|is no field",
                "perRack: 1|perRack: 0|limits.perRack|11|37|must be from 1",
                "hostsBusy: 20|hostsBusy: -3|limits.hostsBusy|11|24|must be from 1",
                "hostsBusy: 20|hostsBusy: many|limits.hostsBusy|11|24|whole number",
                "pause: 200ms|pause: 200|limits.pause|11|47|no duration",
                "pause: 200ms|pause: 0s|limits.pause|11|47|no hand-over is that short",
                "failures: 5|failures: some|limits.failures|11|64|whole number, or never",
                "hosts: 1%|hosts: 101%|waves[0].hosts|8|28|at most 100%",
                "hosts: 1%|hosts: 0|waves[0].hosts|8|28|would do nothing",
                "hosts: 1%|hosts: some|waves[0].hosts|8|28|percentage or rest",
                "bake: 30m|bake: soon|waves[0].bake|8|38|no duration",
                "promote: manual|promote: [x]|waves[0].promote|8|52|must be a text",
                "rack in (a,b)|rack in a|select.hosts|5|20|'(' expected",
                "{ qemu: 11.1.3 }|qemu|release|4|11|must hold fields",
                "{ qemu: 11.1.3 }|{ qemu: no }|release.qemu|4|19|in quotes",
                "{ qemu: 11.1.3 }|{ }|release.qemu|4|11|is missing",
                "[hand-over, migrate]|[teleport]|method.prefer[0]|6|22|must be one of",
                "mon-fri|someday|windows[0].days|12|21|days like mon-fri",
                "Europe/Amsterdam|Middle/Earth|windows[0].zone|12|64|time zone",
                "neurath/v1|neurath/v9|apiVersion|1|13|must be neurath/v1",
                "kind: Rollout|kind: Pod|kind|2|7|must be Rollout"
            },
            quoteCharacter = '`')
    void a_mistake_is_refused_with_its_field_line_and_column(
            String good, String bad, String field, int line, int column, String what) {
        assertThat(ROLLOUT).contains(good);
        List<Refusal> refusals = invalid(Intent.rollout(ROLLOUT.replace(good, bad)));
        Refusal refusal = refusals.getFirst();
        assertThat(refusal.code()).isEqualTo("INTENT_INVALID");
        assertThat(refusal.sentence())
                .startsWith("%s (line %d, column %d) ".formatted(field, line, column))
                .contains(what);
        assertThat(refusal.wayOut()).isEqualTo("correct line " + line);
        assertThat(refusals).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id: web-1|id: ../etc|id|3",
                "machine: pc-q35-10.0|machine: q35|machine|5",
                "memory: 256M|memory: 256|memory|6",
                "memory: 256M|memory: 3K|memory|6",
                "memory: 256M|memory: 999999999T|memory|6",
                "memory: 256M|memry: 256M|memory|1",
                "memory: 256M|memory: 256M\\ndisks: [ { path: disk.raw } ]|disks[0].path|7",
                "memory: 256M|memory: 256M\\nnics: [ { mac: 1 } ]|nics[0].mac|7",
                "memory: 256M|memory: 256M\\nvcpus: 0|vcpus|7",
                "memory: 256M|memory: 256M\\nvcpus: 99999999999|vcpus|7",
                "memory: 256M|memory: 256M\\nappend: x|append|7",
                "memory: 256M|memory: 256M\\nmemory: 4G|memory|7",
                "memory: 256M|memory: 256M\\nlabels: [a]|labels|7",
                "memory: 256M|memory: 256M\\ndisks: [ {path: /a, id: x}, {path: /b, id: x} ]|disks[1].id|7"
            })
    void a_bad_vm_file_is_refused_with_its_field_and_line(String good, String bad, String field, int line) {
        List<Refusal> refusals = invalid(Intent.vm(VM.replace(good, bad.replace("\\n", "\n"))));
        assertThat(refusals.getFirst().sentence()).startsWith("%s (line %d,".formatted(field, line));
    }

    @Test
    void all_mistakes_are_told_at_once_in_the_order_of_the_file() {
        List<Refusal> refusals = invalid(Intent.rollout(
                ROLLOUT.replace("perRack: 1", "perRack: 0").replace("bake: 15m", "bake: x") + "more: 1\n"));
        assertThat(refusals)
                .extracting(r -> r.sentence().split(" ", 2)[0])
                .containsExactly("waves[1].bake", "limits.perRack", "more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "just text", "- a\n- b", "a: [", "\t", "a: &x [*x]", "!!java.net.URL [x]", "{a: 1}"})
    void what_is_no_such_file_is_refused_and_never_an_exception(String text) {
        assertThat(invalid(Intent.rollout(text))).isNotEmpty();
        assertThat(invalid(Intent.vm(text))).isNotEmpty();
    }

    @Test
    void a_file_that_is_nested_too_deeply_or_too_long_is_refused() {
        assertThat(invalid(Intent.vm("a: " + "[".repeat(10_000)))).isNotEmpty();
        assertThat(invalid(Intent.vm(VM + "# " + "x".repeat(2 << 20)))).isNotEmpty();
    }

    private static RolloutSpec rollout(String yaml) {
        return read(Intent.rollout(yaml));
    }

    private static VmSpec vm(String yaml) {
        return read(Intent.vm(yaml));
    }

    private static <T> T read(Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Read<T> read -> read.value();
            case Parsed.Invalid<T> invalid ->
                throw new AssertionError(invalid.asOne().sentence());
        };
    }

    private static List<Refusal> invalid(Parsed<?> parsed) {
        assertThat(parsed).isInstanceOf(Parsed.Invalid.class);
        return ((Parsed.Invalid<?>) parsed).refusals();
    }
}
