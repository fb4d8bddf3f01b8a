package dev.neurath.model.budget;

import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts tokens per failure domain and says whether one more fits.
 *
 * <p>A domain's limit is kept for everybody who holds a token in it: the smallest of the fleet's, the asker's and those of all holders counts, so
 * that nobody's promise is broken by somebody else's start. The number of VMs and hosts in all is held against the fleet's and the asker's.
 */
public final class Tally {
    private final Budget fleet;
    private int total;
    private final Map<HostId, Domain> hosts = new HashMap<>();
    private final Map<String, Domain> racks = new HashMap<>();
    private final Map<String, Domain> zones = new HashMap<>();

    public Tally(Budget fleet, Collection<Token> tokens) {
        this.fleet = fleet;
        tokens.forEach(this::add);
    }

    public void add(Token token) {
        TokenRequest place = token.place();
        total++;
        hosts.computeIfAbsent(place.host(), h -> new Domain())
                .add(token.limits().perHost());
        if (!place.rack().isEmpty()) {
            racks.computeIfAbsent(place.rack(), r -> new Domain())
                    .add(token.limits().perRack());
        }
        if (!place.zone().isEmpty()) {
            zones.computeIfAbsent(place.zone(), z -> new Domain())
                    .add(token.limits().perZone());
        }
    }

    /** @return why one more would be too many, or empty */
    public Optional<Refusal> breach(TokenRequest place, Budget asker) {
        var breaches = new ArrayList<Optional<Refusal>>();
        breaches.add(full("BUDGET_VMS", "VMs in flight", total, List.of(fleet.vmsInFlight(), asker.vmsInFlight())));
        if (!hosts.containsKey(place.host())) {
            breaches.add(
                    full("BUDGET_HOSTS", "busy hosts", hosts.size(), List.of(fleet.hostsBusy(), asker.hostsBusy())));
        }
        breaches.add(full(
                "BUDGET_HOST",
                "VMs in flight on host " + place.host(),
                hosts.get(place.host()),
                fleet.perHost(),
                asker.perHost()));
        if (!place.rack().isEmpty()) {
            breaches.add(full(
                    "BUDGET_RACK",
                    "VMs in flight in rack " + place.rack(),
                    racks.get(place.rack()),
                    fleet.perRack(),
                    asker.perRack()));
        }
        if (!place.zone().isEmpty()) {
            breaches.add(full(
                    "BUDGET_ZONE",
                    "VMs in flight in zone " + place.zone(),
                    zones.get(place.zone()),
                    fleet.perZone(),
                    asker.perZone()));
        }
        return breaches.stream().flatMap(Optional::stream).findFirst();
    }

    private static Optional<Refusal> full(
            String code, String what, @org.jspecify.annotations.Nullable Domain domain, int fleet, int asker) {
        return domain == null
                ? Optional.empty()
                : full(code, what, domain.count, List.of(fleet, asker, domain.smallestLimit));
    }

    private static Optional<Refusal> full(String code, String what, int count, List<Integer> limits) {
        return limits.stream()
                .filter(limit -> limit > 0)
                .min(Integer::compare)
                .filter(limit -> count >= limit)
                .map(limit -> Refusal.of(
                        code,
                        "There are %d %s, and %d are allowed.".formatted(count, what, limit),
                        "wait, or raise the limit"));
    }

    private static final class Domain {
        private int count;
        /** 0 = none of the holders has a limit here. */
        private int smallestLimit;

        void add(int limit) {
            count++;
            if (limit > 0 && (smallestLimit == 0 || limit < smallestLimit)) {
                smallestLimit = limit;
            }
        }
    }
}
