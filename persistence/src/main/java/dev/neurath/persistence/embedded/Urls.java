package dev.neurath.persistence.embedded;

/** Names of the embedded server's user and database, and the urls made of them. */
final class Urls {
    static final String USER = "neurath";
    static final String DATABASE = "neurath";
    /** Made by initdb; used only to create our own. */
    static final String FIRST_DATABASE = "postgres";

    private Urls() {}

    static EmbeddedDatabase.Server server(Postmaster postmaster, String password) {
        return new EmbeddedDatabase.Server(
                postmaster.pid(), postmaster.port(), jdbcUrl(postmaster.port(), DATABASE, password));
    }

    static String jdbcUrl(int port, String database, String password) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + USER + "&password=" + password;
    }
}
