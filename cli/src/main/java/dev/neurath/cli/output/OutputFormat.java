package dev.neurath.cli.output;

/** How data is printed on stdout. */
public enum OutputFormat {
    table,
    /** The table with every column and every line. */
    wide,
    json,
    yaml;

    public boolean isDocument() {
        return this == json || this == yaml;
    }
}
