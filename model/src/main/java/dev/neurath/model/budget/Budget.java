package dev.neurath.model.budget;

/**
 * How many VMs may be in flight at once, in all and per failure domain; 0 = no limit.
 *
 * @param hostsBusy number of hosts with at least one VM in flight
 */
public record Budget(int vmsInFlight, int hostsBusy, int perHost, int perRack, int perZone) {
    public static final Budget UNLIMITED = new Budget(0, 0, 0, 0, 0);

    public Budget {
        if (vmsInFlight < 0 || hostsBusy < 0 || perHost < 0 || perRack < 0 || perZone < 0) {
            throw new IllegalArgumentException(
                    "a limit must not be negative: %d VMs, %d hosts, %d per host, %d per rack, %d per zone"
                            .formatted(vmsInFlight, hostsBusy, perHost, perRack, perZone));
        }
    }
}
