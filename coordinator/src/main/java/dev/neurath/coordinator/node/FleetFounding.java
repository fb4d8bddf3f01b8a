package dev.neurath.coordinator.node;

import dev.neurath.model.FleetId;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseRefusedException;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.database.DatabaseUnavailableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;

/**
 * Which fleet a database belongs to: the first node's, for ever. Two fleets in one journal would each take the other's hosts for its own.
 */
final class FleetFounding {
    private FleetFounding() {}

    /** Waits for the database within its patience; a schema newer than this build is refused with it. */
    static void check(DatabaseSettings settings, FleetId fleet) {
        try (Database database = Database.open(settings)) {
            String founded = database.transaction("reading which fleet the database belongs to", connection -> {
                try (PreparedStatement found =
                        connection.prepareStatement("update neurath.cluster set fleet = ? where fleet is null")) {
                    found.setString(1, fleet.value());
                    found.executeUpdate();
                }
                try (Statement read = connection.createStatement();
                        ResultSet row = read.executeQuery("select fleet from neurath.cluster")) {
                    row.next();
                    return row.getString(1);
                }
            });
            if (!fleet.value().equals(founded)) {
                throw StartFailure.failed(
                        "The database %s belongs to fleet '%s', and this node was started for fleet '%s'."
                                .formatted(settings.shownUrl(), founded, fleet),
                        null);
            }
        } catch (DatabaseUnavailableException | DatabaseRefusedException e) {
            throw StartFailure.failed(String.valueOf(e.getMessage()), e);
        }
    }
}
