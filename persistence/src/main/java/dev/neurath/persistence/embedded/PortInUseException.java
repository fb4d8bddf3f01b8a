package dev.neurath.persistence.embedded;

/** The port that the database server should listen on belongs to another program. */
final class PortInUseException extends DatabaseStartException {
    PortInUseException(int port) {
        super("Port " + port + " on 127.0.0.1 is in use by another program: choose another port for the database");
    }
}
