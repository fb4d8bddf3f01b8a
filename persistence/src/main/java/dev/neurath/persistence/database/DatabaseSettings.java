package dev.neurath.persistence.database;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Properties;

/**
 * Where the database is and how long to wait for it.
 *
 * <p>{@code url} alone is enough: PostgreSQL's JDBC url carries user and password as parameters when {@code user} and
 * {@code password} are empty.
 *
 * @param poolSize connections for replays, snapshots and short queries; the journal's writer and the feed have their own
 * @param patience how long one operation goes on trying while the database cannot be reached, before it fails
 */
public record DatabaseSettings(
        String url,
        String user,
        String password,
        int poolSize,
        Duration connectTimeout,
        Duration socketTimeout,
        Duration patience) {

    public DatabaseSettings {
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException(
                    url.isEmpty()
                            ? "neurath.database.url is not set: give a jdbc:postgresql://host:port/database url"
                            : "neurath.database.url must start with jdbc:postgresql: but is " + withoutParameters(url));
        }
    }

    public static DatabaseSettings of(String url) {
        return new DatabaseSettings(
                url, "", "", 8, Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(20));
    }

    /** Reads the block {@code neurath.database}. */
    public static DatabaseSettings from(Config database) {
        return new DatabaseSettings(
                database.getString("url"),
                database.getString("user"),
                database.getString("password"),
                database.getInt("pool-size"),
                database.getDuration("connect-timeout"),
                database.getDuration("socket-timeout"),
                database.getDuration("patience"));
    }

    public DatabaseSettings withPatience(Duration newPatience) {
        return new DatabaseSettings(url, user, password, poolSize, connectTimeout, socketTimeout, newPatience);
    }

    /** The url without its parameters, for logs and messages: they may hold the password. */
    public String shownUrl() {
        return withoutParameters(url);
    }

    Properties driverProperties(String applicationName) {
        Properties properties = new Properties();
        if (!user.isEmpty()) {
            properties.setProperty("user", user);
            properties.setProperty("password", password);
        }
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("reWriteBatchedInserts", "true");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", String.valueOf(Math.max(1, connectTimeout.toSeconds())));
        properties.setProperty("loginTimeout", String.valueOf(Math.max(1, connectTimeout.toSeconds())));
        properties.setProperty("socketTimeout", String.valueOf(Math.max(1, socketTimeout.toSeconds())));
        return properties;
    }

    private static String withoutParameters(String url) {
        int question = url.indexOf('?');
        return question < 0 ? url : url.substring(0, question);
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + shownUrl() + ", patience " + patience + "]";
    }
}
