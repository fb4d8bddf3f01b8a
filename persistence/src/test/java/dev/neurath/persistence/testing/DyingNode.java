package dev.neurath.persistence.testing;

import dev.neurath.persistence.embedded.EmbeddedDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** A process that starts a database, writes one row after the other, says which are committed, and waits to be killed. */
public final class DyingNode {
    private DyingNode() {}

    public static void main(String[] arguments) throws Exception {
        EmbeddedDatabase database = EmbeddedDatabase.start(Path.of(arguments[0]), 0);
        System.out.println("pid " + database.pid());
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("create table kept(x int)");
            for (int i = 1; ; i++) {
                statement.execute("insert into kept values (" + i + ")");
                System.out.println("kept " + i);
            }
        }
    }
}
