package dev.neurath.model.budget;

import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        add(token.place(), token.limits());
    }

    /** @param holder limits of the one who holds it */
    public void add(TokenRequest place, Budget holder) {
        total++;
        hosts.computeIfAbsent(place.host(), h -> new Domain()).add(holder.perHost());
        if (!place.rack().isEmpty()) {
            racks.computeIfAbsent(place.rack(), r -> new Domain()).add(holder.perRack());
        }
        if (!place.zone().isEmpty()) {
            zones.computeIfAbsent(place.zone(), z -> new Domain()).add(holder.perZone());
        }
    }

    /** @return whether nothing more fits, wherever it is */
    public boolean isFull(Budget asker) {
        return total >= limit(fleet.vmsInFlight(), asker.vmsInFlight());
    }

    public boolean hasRoom(TokenRequest place, Budget asker) {
        return !isFull(asker)
                && (hosts.containsKey(place.host()) || hosts.size() < limit(fleet.hostsBusy(), asker.hostsBusy()))
                && hasRoom(hosts.get(place.host()), fleet.perHost(), asker.perHost())
                && hasRoom(racks.get(place.rack()), fleet.perRack(), asker.perRack())
                && hasRoom(zones.get(place.zone()), fleet.perZone(), asker.perZone());
    }

    /** @return why one more would be too many, or empty */
    public Optional<Refusal> breach(TokenRequest place, Budget asker) {
        if (hasRoom(place, asker)) {
            return Optional.empty();
        }
        if (isFull(asker)) {
            return full("BUDGET_VMS", "VMs in flight", total, limit(fleet.vmsInFlight(), asker.vmsInFlight()));
        }
        if (!hosts.containsKey(place.host())) {
            int limit = limit(fleet.hostsBusy(), asker.hostsBusy());
            if (hosts.size() >= limit) {
                return full("BUDGET_HOSTS", "busy hosts", hosts.size(), limit);
            }
        }
        return full(
                        "BUDGET_HOST",
                        "VMs in flight on host " + place.host(),
                        hosts.get(place.host()),
                        fleet.perHost(),
                        asker.perHost())
                .or(() -> full(
                        "BUDGET_RACK",
                        "VMs in flight in rack " + place.rack(),
                        racks.get(place.rack()),
                        fleet.perRack(),
                        asker.perRack()))
                .or(() -> full(
                        "BUDGET_ZONE",
                        "VMs in flight in zone " + place.zone(),
                        zones.get(place.zone()),
                        fleet.perZone(),
                        asker.perZone()));
    }

    private static Optional<Refusal> full(String code, String what, @Nullable Domain domain, int fleet, int asker) {
        return hasRoom(domain, fleet, asker) || domain == null
                ? Optional.empty()
                : full(code, what, domain.count, domain.limit(fleet, asker));
    }

    private static Optional<Refusal> full(String code, String what, int count, int limit) {
        return Optional.of(Refusal.of(
                code,
                "There are %d %s, and %d are allowed.".formatted(count, what, limit),
                "wait, or raise the limit"));
    }

    private static boolean hasRoom(@Nullable Domain domain, int fleet, int asker) {
        return domain == null || domain.count < domain.limit(fleet, asker);
    }

    /** @return the smaller one; 0 = no limit, which is told as the largest number there is */
    private static int limit(int one, int other) {
        return Math.min(one == 0 ? Integer.MAX_VALUE : one, other == 0 ? Integer.MAX_VALUE : other);
    }

    private static final class Domain {
        private int count;
        /** 0 = none of the holders has a limit here. */
        private int smallestLimit;

        int limit(int fleet, int asker) {
            return Tally.limit(Tally.limit(fleet, asker), smallestLimit);
        }

        void add(int limit) {
            count++;
            if (limit > 0 && (smallestLimit == 0 || limit < smallestLimit)) {
                smallestLimit = limit;
            }
        }
    }
}
