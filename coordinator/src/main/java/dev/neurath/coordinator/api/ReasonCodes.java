package dev.neurath.coordinator.api;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.VmEntry;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What each reason code means and what can be done, out of reasons.conf; a test keeps that file complete. */
public final class ReasonCodes {
    private static final int SHOWN = 5;

    private final Config codes;

    private ReasonCodes(Config codes) {
        this.codes = codes;
    }

    public static ReasonCodes load() {
        return new ReasonCodes(
                ConfigFactory.parseResources(ReasonCodes.class, "reasons.conf").resolve());
    }

    public Set<String> known() {
        return codes.root().keySet().stream().filter(ReasonCodes::isCode).collect(Collectors.toUnmodifiableSet());
    }

    /** Lower-case entries are what several codes share. */
    private static boolean isCode(String key) {
        return key.equals(key.toUpperCase(Locale.ROOT));
    }

    Optional<Explanation> explain(String text, FleetFacts fleet) {
        String code = text.toUpperCase(Locale.ROOT).replace('-', '_');
        if (!codes.root().containsKey(code)) {
            return Optional.empty();
        }
        Config reason = codes.getConfig(code);
        List<String> vms = fleet.vms().stream()
                .filter(vm -> concerns(vm, code))
                .map(vm -> vm.state().id().value())
                .toList();
        return Optional.of(new Explanation(
                code + ": " + reason.getString("means"),
                vms.isEmpty()
                        ? "No VM of the fleet is in this state now."
                        : "%d VMs now: %s%s."
                                .formatted(
                                        vms.size(),
                                        String.join(", ", vms.subList(0, Math.min(SHOWN, vms.size()))),
                                        vms.size() > SHOWN ? ", …" : ""),
                reason.getString("safe"),
                reason.getString("blocks"),
                reason.getStringList("do")));
    }

    private static boolean concerns(VmEntry vm, String code) {
        return code.equals(vm.state().trouble())
                || (code.equals("HELD_BY_OWNER") && vm.state().hold() != null)
                || code.equals(VmExplanation.endCode(vm.state().lastEnd()));
    }
}
